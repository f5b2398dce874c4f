"""Pictures become features: the pipeline (decode beside compute) and the store."""
