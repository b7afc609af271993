"""The desk as pages and as an API (FastAPI). No logic: routes call the functions of the desk."""
