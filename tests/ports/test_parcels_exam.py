"""Numbers by which parcels are tracked are read with the document, once goods of it have left."""

from typing import Any

Bench = Any


async def test_the_number_of_a_parcel_is_told_with_its_document(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    document = (await bench.office.create(sale)).id
    assert (await bench.office.documents([sale.ref]))[sale.ref].parcels == ()
    await bench.office.ship(document, {(bench.sku, bench.first): 2})
    told = bench.do("parcel", document=document, number="1Z999", carrier="UPS")
    if told.status_code == 404:
        # it keeps no numbers of parcels, and none are made up
        assert (await bench.office.documents([sale.ref]))[sale.ref].parcels == ()
        return
    assert told.status_code == 200, told.text
    later = bench.setting.open_office()
    [parcel] = (await later.documents([sale.ref]))[sale.ref].parcels
    await later.aclose()
    assert parcel.number == "1Z999"
    assert parcel.carrier in ("UPS", "")
    assert parcel.warehouse in (bench.first, None)
    assert parcel.skus <= {bench.sku}
