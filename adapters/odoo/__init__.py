"""Odoo 17, 18 and 19 as a back office."""
