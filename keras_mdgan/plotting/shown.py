"""Figures that notebooks display."""

import base64
import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class ShownFigure(Figure):
    """A figure that a notebook displays as the last expression of a cell.

    Notebooks know how to display the figures of pyplot, once that is imported or
    `%matplotlib inline` was called. These figures are made without pyplot.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        FigureCanvasAgg(self)

    def _repr_png_(self) -> bytes:
        return png_of(self)


def png_of(figure: Figure) -> bytes:
    """The bytes of a PNG file, at the figure's own resolution."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=figure.dpi)
    return file.getvalue()


def html_of(figure: Figure) -> str:
    """An image for HTML, which needs no other file."""
    data = base64.b64encode(png_of(figure)).decode()
    return f'<img src="data:image/png;base64,{data}">'
