"""What makes a plain function vote: the decorator, finding files, applying them to a table."""
