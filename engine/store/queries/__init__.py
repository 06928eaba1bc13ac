"""What faces read: each query answers with rows of the desk, from one snapshot."""

from engine.store.queries.failed import failed_detail, failed_page
from engine.store.queries.pulse import pulse
from engine.store.queries.stock import cell_terms, stock_page

__all__ = ["cell_terms", "failed_detail", "failed_page", "pulse", "stock_page"]
