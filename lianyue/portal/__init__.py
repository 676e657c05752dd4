"""The portal: pages for coordinators, members, clients and auditors, rendered on the server."""
