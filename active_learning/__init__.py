"""Which clips an expert should hear next."""
