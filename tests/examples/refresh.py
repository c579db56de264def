"""Write the committed texts of the example estates anew: ``python tests/examples/refresh.py``.

Read the difference before committing it: every line is a claim about the example's text.
"""

from __future__ import annotations

from example_goldens import HERE, goldens

if __name__ == "__main__":
    for name, text in goldens().items():
        (HERE / name).write_text(text, "utf-8")
