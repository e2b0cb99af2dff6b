"""Which hosts are the public internet's: those we may connect to, and those an address that we print may name."""

from __future__ import annotations

import ipaddress
import re
import socket
from functools import lru_cache

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments
    ipaddress.ip_network("192.88.99.0/24"),  # relays into 6to4
    ipaddress.ip_network("2001::/23"),  # protocol assignments, Teredo (carries an IPv4 address)
    ipaddress.ip_network("2002::/16"),  # 6to4 (carries an IPv4 address)
    ipaddress.ip_network("3fff::/20"),  # documentation
)
# Names that networks of their own use (RFC 6761, 6762, 8375; ICANN has set "internal" aside).
_OWN_NETWORK = frozenset(
    {"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private"}
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Above 1023, the ports that browsers do not open either (WHATWG Fetch).
_BAD_PORTS = frozenset(
    (1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6679, 6697, 10080, *range(6665, 6670))
)


def is_public(address: str) -> bool:
    """Whether ``address`` (an IP address) is one of the public internet's hosts.

    False for private, loopback, link-local, shared, multicast, reserved and documentation ranges, for every IPv6
    form that carries an IPv4 address (NAT64 counts as the address it carries), and for what is no address at all.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.scope_id or ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in net for net in _NEVER)


@lru_cache(maxsize=10_000)
def is_public_host(host: str) -> bool:
    """Whether a host as it stands in an address, a name in ASCII or an IP address in any form that browsers read, can be
    one of the public internet's. Nothing is looked up.

    False for names without a dot, those of networks of their own ("localhost", ".local", ".internal"), and what cannot
    be the name of a host.
    """
    host = host.lower().strip("[]").removesuffix(".")
    if ":" in host:
        return is_public(host)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):  # in any of its forms: 2130706433, 0x7f.1, 0177.0.0.1
        try:
            return is_public(socket.inet_ntoa(socket.inet_aton(host)))
        except (OSError, UnicodeError):
            return False
    return (
        len(labels) > 1
        and len(host) <= 253
        and labels[-1] not in _OWN_NETWORK
        and labels[-2:] != ["home", "arpa"]
        and all(map(_LABEL.fullmatch, labels))
    )


def is_public_port(port: int | None) -> bool:
    """Whether a port is one that web pages are served on; None is the scheme's own."""
    return port is None or port in (80, 443) or (1023 < port < 65536 and port not in _BAD_PORTS)
