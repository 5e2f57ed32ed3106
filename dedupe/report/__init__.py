"""What a person or a program is told about cleaned articles. Reports receive results and decide nothing."""
