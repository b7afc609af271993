"""The labelling functions that ship; `labeling_functions.load` finds every file here."""
