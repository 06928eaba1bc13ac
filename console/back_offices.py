"""Builds the back office of a connection: the one place that knows all of them by name."""

from functools import partial
from typing import assert_never

from pydantic import SecretStr

from adapters.doorbells import Signed, Unsigned
from adapters.read_only import asserted, booked, by_method
from adapters.standard_webhooks import STANDARD
from console.settings import Settings, SettingsTrouble
from console.settings.back_offices import (
    BackOfficeSettings,
    Cin7CoreSettings,
    NetSuiteSettings,
    OdooSettings,
    OmniSettings,
    SqlSettings,
    TrytonSettings,
    UnleashedSettings,
)
from console.settings.connection import ConnectionSettings
from console.settings.secrets import ConnectionSecrets
from engine.model.clock import Clock
from engine.model.remit import SHADOW, WHOLE, Licence
from engine.ports import BackOffice, Tier
from engine.products.fields import FACTS


def licence_of(one: ConnectionSettings) -> Licence:
    """What may be written before anybody looked at what was taken over: nothing beside another connector."""
    return Licence(SHADOW if one.shadow else WHOLE)


def address(described: BackOfficeSettings) -> str:
    """Where a back office is reached: its maker's address, unless the configuration gives one."""
    match described:
        case SqlSettings() | TrytonSettings() | OdooSettings():
            url = str(described.url)
        case NetSuiteSettings():
            from adapters.netsuite.client import host_of

            url = str(described.url or host_of(described.account))
        case Cin7CoreSettings():
            from adapters.cin7_core.back_office import HOST as CORE

            url = str(described.url or CORE)
        case OmniSettings():
            from adapters.cin7_omni.back_office import HOST as OMNI

            url = str(described.url or OMNI)
        case UnleashedSettings():
            from adapters.unleashed.back_office import HOST as UNLEASHED

            url = str(described.url or UNLEASHED)
        case _ as never:
            assert_never(never)
    return url.rstrip("/")


def back_office(
    settings: Settings, one: ConnectionSettings, clock: Clock, licence: Licence | None = None
) -> BackOffice:
    """The back office of a connection; SettingsTrouble when a secret it needs is not set.

    What the licence leaves out is never sent, whichever code asks for it.
    """
    secrets, described = settings.secrets_of(one.name), one.back_office
    licence = licence or licence_of(one)
    match described:
        case SqlSettings():
            from adapters.sql.back_office import SqlBackOffice

            events = secrets.back_office_webhook_secret is not None
            return SqlBackOffice(
                described.url,
                described.statements,
                clock=clock,
                tier=Tier(described.tier),
                events=events,
                settle_seconds=described.settle_seconds,
                connect=described.connect,
                wait_seconds=described.wait_seconds,
                only_available=one.stock_figures == "available",
                product_fields=described.product_fields,
                market_currencies=described.market_currencies,
                may_write=None if licence.remit.whole else partial(licence.check, [booked("a statement")]),
            )
        case TrytonSettings():
            from adapters.tryton.back_office import TrytonBackOffice
            from adapters.tryton.deeds import deeds as tryton_deeds

            return TrytonBackOffice(
                address(described),
                database=described.database,
                user=described.user,
                password=_needed(one, "password", secrets.back_office_password),
                web_shop=described.web_shop,
                payment_method=described.payment_method,
                gateways=tuple((one.payments or {}).values()),
                clock=clock,
                transport=asserted(licence, tryton_deeds, connections=4),
            )
        case OdooSettings():
            from adapters.odoo.back_office import OdooBackOffice
            from adapters.odoo.deeds import deeds as odoo_deeds
            from adapters.odoo.selling import terms

            return OdooBackOffice(
                address(described),
                database=described.database,
                user=described.user,
                key=_needed(one, "key", secrets.back_office_key),
                protocol=described.protocol,
                terms=terms(described.products, described.pricelists, described.journal),
                market_pricelists=described.market_pricelists,
                families=one.new_products == "draft",
                bought=settings.ownership.whole.speaks_of(FACTS, one.name),
                clock=clock,
                transport=asserted(licence, odoo_deeds, connections=4),
            )
        case NetSuiteSettings():
            return _netsuite(one, described, secrets, clock, licence)
        case Cin7CoreSettings():
            return _cin7_core(one, described, secrets, clock, licence)
        case UnleashedSettings():
            return _unleashed(one, described, secrets, clock, licence)
        case OmniSettings():
            return _cin7_omni(one, described, secrets, clock, licence)
        case _ as never:
            assert_never(never)


def webhooks(one: ConnectionSettings) -> Signed | Unsigned:
    """How the webhooks of this kind of back office are proven and understood."""
    match one.back_office:
        case Cin7CoreSettings():
            from adapters.cin7_core.webhooks import WEBHOOKS

            return WEBHOOKS
        case UnleashedSettings():
            from adapters.unleashed.webhooks import WEBHOOKS as SIGNED

            return SIGNED
        case _:
            return STANDARD


def _netsuite(
    one: ConnectionSettings,
    described: NetSuiteSettings,
    secrets: ConnectionSecrets,
    clock: Clock,
    licence: Licence,
) -> BackOffice:
    from adapters.netsuite.auth import Certificate, Signer, Token
    from adapters.netsuite.back_office import NetSuiteBackOffice
    from adapters.netsuite.client import TOKEN
    from adapters.netsuite.deeds import deeds as netsuite_deeds
    from adapters.netsuite.selling import terms

    url = address(described)
    office = NetSuiteBackOffice(
        url,
        clock=clock,
        terms=terms(
            described.subsidiary,
            described.customer,
            described.items,
            described.deposit_account,
            invoices=described.invoices,
            taxes_as=described.taxes_as,
            tax_code=described.tax_code,
            taxes=tuple((one.taxes or {}).values()),
        ),
        prefix=described.prefix,
        together=described.concurrency,
        transport=asserted(licence, netsuite_deeds, connections=described.concurrency),
    )
    client_id = _needed(one, "client_id", secrets.back_office_client_id)
    signer: Signer
    if described.auth == "token":
        signer = Token(
            described.account,
            client_id,
            _needed(one, "client_secret", secrets.back_office_client_secret),
            _needed(one, "token_id", secrets.back_office_token_id),
            _needed(one, "token_secret", secrets.back_office_token_secret),
            clock,
        )
    else:
        signer = Certificate(
            client_id,
            _needed(one, "certificate_id", secrets.back_office_certificate_id),
            _needed(one, "private_key", secrets.back_office_private_key),
            algorithm=described.algorithm,
            token_url=f"{url}{TOKEN}",
            fetch=office.client.fetch_token,
            clock=clock,
        )
    office.client.sign_with(signer)
    return office


def _cin7_core(
    one: ConnectionSettings,
    described: Cin7CoreSettings,
    secrets: ConnectionSecrets,
    clock: Clock,
    licence: Licence,
) -> BackOffice:
    from adapters.cin7_core.back_office import Cin7CoreBackOffice
    from adapters.cin7_core.budget import allowance_of
    from adapters.cin7_core.selling import terms

    url = address(described)
    return Cin7CoreBackOffice(
        url,
        account=described.account,
        key=_needed(one, "key", secrets.back_office_key),
        terms=terms(
            described.customer,
            described.tax_rule,
            described.products,
            described.rates,
            described.deposit_account,
        ),
        clock=clock,
        allowance=allowance_of(url, described.account, clock, calls=described.calls_per_minute),
        prefix=described.prefix,
        since=described.sales_since,
        events=secrets.back_office_webhook_path is not None,
        transport=asserted(licence, by_method),
    )


def _unleashed(
    one: ConnectionSettings,
    described: UnleashedSettings,
    secrets: ConnectionSecrets,
    clock: Clock,
    licence: Licence,
) -> BackOffice:
    from adapters.unleashed.back_office import UnleashedBackOffice
    from adapters.unleashed.budget import budget_of
    from adapters.unleashed.selling import terms

    url = address(described)
    return UnleashedBackOffice(
        url,
        api_id=described.api_id,
        key=_needed(one, "key", secrets.back_office_key),
        terms=terms(
            described.customer,
            described.tax_code,
            described.products,
            described.rates,
            credit_notes=described.credit_notes,
        ),
        clock=clock,
        budget=budget_of(
            url,
            described.api_id,
            clock,
            per_month=described.calls_per_month,
            per_minute=described.calls_per_minute,
        ),
        prefix=described.prefix,
        since=described.sales_since,
        events=secrets.back_office_webhook_secret is not None,
        complete=described.complete_orders,
        transport=asserted(licence, by_method),
    )


def _cin7_omni(
    one: ConnectionSettings,
    described: OmniSettings,
    secrets: ConnectionSecrets,
    clock: Clock,
    licence: Licence,
) -> BackOffice:
    from adapters.cin7_omni.back_office import OmniBackOffice
    from adapters.cin7_omni.budget import budget_of
    from adapters.cin7_omni.selling import terms

    url = address(described)
    return OmniBackOffice(
        url,
        user=described.user,
        key=_needed(one, "key", secrets.back_office_key),
        terms=terms(described.customer, described.products, described.payment_method),
        clock=clock,
        budget=budget_of(
            url,
            described.user,
            clock,
            per_day=described.calls_per_day,
            per_minute=described.calls_per_minute,
        ),
        prefix=described.prefix,
        since=described.sales_since,
        settle_seconds=described.settle_seconds,
        transport=asserted(licence, by_method),
    )


def _needed(one: ConnectionSettings, name: str, secret: SecretStr | None) -> str:
    if secret is None:
        raise SettingsTrouble(
            f"The {name.replace('_', ' ')} of the back office of {one.name!r} is not set.",
            f"Set TRUEUP_SECRETS__{one.name.upper()}__BACK_OFFICE_{name.upper()} or add it to the secrets file.",
        )
    return secret.get_secret_value()
