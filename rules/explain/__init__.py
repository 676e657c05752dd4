"""Why: a decision and its trace told in sentences, Chinese first and complete English."""
