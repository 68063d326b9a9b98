//! The caller's network address: the TCP peer, and nothing that a caller can write (A4). Only behind a configured
//! proxy is X-Forwarded-For read, and of it only the right-most hop that is not one of our proxies; and X-Forwarded-Proto,
//! of which the last word is that proxy's own.
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest, web};
use futures::future::{Ready, ready};

use super::{ApiError, Site};

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAddress(pub IpAddr);

impl SourceAddress {
    /// The network to count by in memory: see [`SourceAddress::counter_key`].
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX))),
        }
    }

    /// What to count by. Of IPv6 it is the network of 64 bits: one subscriber owns all its addresses.
    pub fn counter_key(self) -> String {
        match self.network() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(network) => format!("{network}/64"),
        }
    }
}

impl FromRequest for SourceAddress {
    type Error = ApiError;
    type Future = Ready<Result<SourceAddress, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let site = request.app_data::<web::Data<Site>>();
        let found = site.zip(request.peer_addr());
        let found = found.map(|(site, peer)| SourceAddress(of(peer.ip(), request.headers(), &site.trusted_proxies)));
        ready(found.ok_or_else(|| ApiError::internal("the request has no TCP peer")))
    }
}

/// What a proxy of ours says, when it says that the caller spoke to it without TLS.
pub(super) fn came_in_plain<'a>(peer: IpAddr, headers: &'a HeaderMap, trusted: &[IpAddr]) -> Option<&'a str> {
    let said = headers.get_all(FORWARDED_PROTO).next_back().and_then(|line| line.to_str().ok()).unwrap_or_default();
    let own = said.rsplit(',').next().unwrap_or_default().trim();
    (own.eq_ignore_ascii_case("http") && is_one_of(trusted, peer.to_canonical())).then_some(own)
}

fn is_one_of(trusted: &[IpAddr], address: IpAddr) -> bool {
    trusted.iter().any(|proxy| proxy.to_canonical() == address)
}

fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let trusts = |address: &IpAddr| is_one_of(trusted, *address);
    let mut believed = peer.to_canonical();
    if !trusts(&believed) {
        return believed;
    }
    // Proxies append, so the list is read from its end; a hop nobody can read ends what is believed.
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).map(|line| line.to_str().unwrap_or("")).collect();
    for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
        let Some(address) = parse_hop(hop.trim()) else { break };
        believed = address;
        if !trusts(&believed) {
            break;
        }
    }
    believed
}

/// An address, some proxies add its port: `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn seen(peer: &str, trusted: &[&str], lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static(FORWARDED_FOR), HeaderValue::from_str(line).unwrap());
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|proxy| proxy.parse().unwrap()).collect();
        of(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn what_a_stranger_writes_changes_nothing() {
        assert_eq!(seen("198.51.100.9", &[], &["203.0.113.7"]), "198.51.100.9");
        assert_eq!(seen("198.51.100.9", &["10.0.0.1"], &["203.0.113.7"]), "198.51.100.9");
    }

    #[test]
    fn behind_a_proxy_the_right_most_stranger_counts() {
        assert_eq!(seen("10.0.0.1", &["10.0.0.1"], &["1.1.1.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["10.0.0.1", "10.0.0.2"], &["1.1.1.1", "203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(seen("::ffff:10.0.0.1", &["10.0.0.1"], &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["10.0.0.1"], &["[2001:db8::7]:4711"]), "2001:db8::7");
    }

    #[test]
    fn an_unreadable_hop_ends_the_trust() {
        assert_eq!(seen("10.0.0.1", &["10.0.0.1"], &["203.0.113.7, unknown"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["10.0.0.1"], &[]), "10.0.0.1");
    }

    #[test]
    fn one_subscriber_of_ipv6_is_counted_once() {
        let key = |text: &str| SourceAddress(text.parse().unwrap()).counter_key();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2:ffff::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("203.0.113.7"), "203.0.113.7");
    }
}
