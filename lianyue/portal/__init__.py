"""The HTTP door: an API for programs and a place for pages; both see what `lianyue.access` lets them see."""
