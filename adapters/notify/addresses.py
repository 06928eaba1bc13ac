"""Which addresses an alert may go to: the public Internet, and nothing that only we can reach.

Judged is what a name resolved to, in the very form that is connected to, so that neither odd spellings (0x7f.1), nor
IPv4 inside IPv6, nor a name that answers differently the second time leads inside.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

NAT64 = IPv6Network("64:ff9b::/96")
"""The well-known prefix behind which IPv4 addresses are reached (RFC 6052)."""
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
"""The same for local use (RFC 8215)."""


def is_public(text: str) -> bool:
    """True for an address of the public Internet; false for anything else, and for what is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_public(one) for one in (address, *_inside(address)))


def _inside(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return ()
    found = [address.sixtofour] if address.sixtofour else []
    if address.teredo:
        found += address.teredo
    if address in NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(found)


def _public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return False  # nobody names a public service so
        if address in NAT64_LOCAL or address.is_site_local:
            return False
        if address in NAT64:
            return True  # as public as the IPv4 address in it
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
