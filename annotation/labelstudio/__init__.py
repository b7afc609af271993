"""The bridge to Label Studio: batches out as projects, annotations back as judgements."""
