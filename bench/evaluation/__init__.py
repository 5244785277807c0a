"""Folds, preparation, resampling, fitting, tuning: one Job to one Record."""
