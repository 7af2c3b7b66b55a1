"""Side-by-side measurements against peers and controls: `make bench`, or `python -m benchmarks [name …]`.

Each module has `measure(rounds) -> list[Figure]`. Nothing here is imported by the product.
"""
