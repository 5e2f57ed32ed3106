"""Read articles and write them back so that every byte which is not cleaned stays as it was."""
