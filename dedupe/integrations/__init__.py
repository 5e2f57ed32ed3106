"""dedupe as a step of other libraries' pipelines: Scrapy, pandas, polars, datatrove, Hugging Face datasets.

Each module imports its library when it is used; where that is missing, one line says what to install.
"""
