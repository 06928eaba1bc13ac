"""The common ground of all settings: unknown keys are refused, values do not change, docstrings are descriptions."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """One table of the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
