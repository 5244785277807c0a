"""ChurnBench: which model really finds your churners, and what is it worth?"""

__version__ = "0.1.0"
