//! Where a webhook may go (threat W1): https to public addresses only. Pure; who resolves names is in `post`.
//!
//! The address is parsed as browsers do, so that `2130706433`, `0x7f.1` and `0177.0.0.1` are seen as what they lead to.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use shared::webhooks::URL_MAX;
use url::{Host, Url};

/// Ports a webhook may go to.
const PORTS: [u16; 2] = [443, 8443];
/// This machine, by its name. What is said to lead here has to.
pub const THIS_MACHINE: &str = "localhost";

/// Why nothing is sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Not an https address of the allowed form.
    #[error("not an https address on port 443 or 8443 without user, password or fragment")]
    Form,
    /// It leads to something that is not public, or to nothing.
    #[error("the name does not lead to public addresses only")]
    NotPublic,
}

/// What an operator allows beyond the rules.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// `host` or `host:port`: may be private, on any port or this one.
    pub private_hosts: Vec<String>,
    /// In a rehearsal an allowed host on this machine is spoken to without TLS.
    pub rehearsal: bool,
    /// In a demo that nobody reaches from elsewhere: `http://localhost` on any port but these, which are the house's own.
    pub own_ports: Option<Vec<u16>>,
}

impl Allowed {
    /// Whether an operator named this host.
    pub fn names(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let beside_us = |own: &Vec<u16>| url.scheme() == "http" && host == THIS_MACHINE && !own.contains(&port);
        self.private_hosts.iter().any(|named| named == host || *named == format!("{host}:{port}"))
            || self.own_ports.as_ref().is_some_and(beside_us)
    }

    /// The same for a name that is being resolved; its port is not known then.
    pub fn names_host(&self, host: &str) -> bool {
        self.private_hosts.iter().any(|named| {
            let without_port = named.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
            named == host || without_port.is_some_and(|(name, _)| name == host)
        }) || (host == THIS_MACHINE && self.own_ports.is_some())
    }
}

/// An address to send to, if its form is allowed. Of an address made of numbers, the numbers too.
pub fn check(text: &str, allowed: &Allowed) -> Result<Url, AddressFault> {
    if text.chars().count() > URL_MAX || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(AddressFault::Form);
    }
    let url = Url::parse(text).map_err(|_unreadable| AddressFault::Form)?;
    let host = url.host().ok_or(AddressFault::Form)?;
    let named = allowed.names(&url);
    let local = match &host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let encrypted = url.scheme() == "https" || (url.scheme() == "http" && allowed.rehearsal && named && local);
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let dotted = matches!(&host, Host::Domain(name) if name.ends_with('.'));
    let port = url.port_or_known_default().is_some_and(|port| PORTS.contains(&port));
    if !encrypted || !bare || dotted || !(port || named) {
        return Err(AddressFault::Form);
    }
    let public = match host {
        Host::Domain(_) => true,
        Host::Ipv4(address) => is_public(IpAddr::V4(address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(address)),
    };
    if public || named { Ok(url) } else { Err(AddressFault::NotPublic) }
}

/// Whether anybody on the internet could be asked at this address. What is reserved today may be given out tomorrow,
/// and is refused until then.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = match (a, b, c) {
        // This network, private networks, loopback, link-local.
        (0 | 10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) | (169, 254, _) => true,
        // Carriers' NAT, protocol assignments, documentation, 6to4 relays, benchmarks.
        (100, 64..=127, _) | (192, 0, 0 | 2) | (192, 88, 99) | (198, 18..=19, _) => true,
        (198, 51, 100) | (203, 0, 113) => true,
        // Multicast and what is kept for later, broadcast among it.
        (224..=255, ..) => true,
        _ => false,
    };
    !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    match segments {
        // Only global unicast is given out (2000::/3); loopback, mapped, NAT64, ULA, link-local, multicast lie outside.
        [0x2000..=0x3fff, ..] => {}
        _ => return false,
    }
    // Protocol assignments with Teredo, documentation, and 6to4, which hides an IPv4 address.
    !matches!(
        segments,
        [0x2001, 0x0000..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0x0000..=0x0fff, ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict() -> Allowed {
        Allowed::default()
    }

    #[test]
    fn w1_only_https_to_the_public_internet_is_taken() {
        for good in [
            "https://erp.arrayan.example/ventanilla",
            "https://erp.arrayan.example:8443/a?b=c",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
        ] {
            assert!(check(good, &strict()).is_ok(), "{good}");
        }
        for form in [
            "http://erp.arrayan.example/",
            "ftp://erp.arrayan.example/",
            "https://erp.arrayan.example:9000/",
            "https://erp.arrayan.example./",
            "https://user@erp.arrayan.example/",
            "https://user:pass@erp.arrayan.example/",
            "https://erp.arrayan.example/#x",
            "https://erp.arrayan.example/a b",
            "https:///",
            "erp.arrayan.example",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(check(form, &strict()), Err(AddressFault::Form), "{form}");
        }
        for private in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://10.0.0.7:8443/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[2002:7f00:1::]/",
            "https://0.0.0.0/",
            "https://255.255.255.255/",
        ] {
            assert_eq!(check(private, &strict()), Err(AddressFault::NotPublic), "{private}");
        }
        assert_eq!(check(&format!("https://a.example/{}", "x".repeat(URL_MAX)), &strict()), Err(AddressFault::Form));
    }

    #[test]
    fn an_operator_may_name_a_private_host_and_only_a_rehearsal_speaks_plainly() {
        let private_hosts = vec!["10.0.0.7".into(), "127.0.0.1:9000".into()];
        let named = |rehearsal| Allowed { private_hosts: private_hosts.clone(), rehearsal, own_ports: None };
        assert!(check("https://10.0.0.7:4430/", &named(false)).is_ok());
        assert_eq!(check("http://127.0.0.1:9000/", &named(false)), Err(AddressFault::Form));
        assert!(check("http://127.0.0.1:9000/", &named(true)).is_ok());
        assert_eq!(check("http://127.0.0.1:9001/", &named(true)), Err(AddressFault::Form));
        assert_eq!(check("http://10.0.0.7/", &named(true)), Err(AddressFault::Form), "plainly to this machine only");
        assert!(named(true).names_host("127.0.0.1") && !named(true).names_host("127.0.0.2"));
    }

    #[test]
    fn w1_a_demo_speaks_to_this_machine_by_name_and_never_to_itself() {
        let demo = Allowed { rehearsal: true, own_ports: Some(vec![8080, 33_771]), ..Allowed::default() };
        for beside in ["http://localhost:9000/in", "http://localhost/", "http://LOCALHOST:3000/"] {
            assert!(check(beside, &demo).is_ok(), "{beside}");
            let rehearsal = Allowed { rehearsal: true, ..Allowed::default() };
            assert_eq!(check(beside, &rehearsal), Err(AddressFault::Form), "{beside}");
        }
        for other in [
            "http://localhost:8080/in",
            "http://localhost:33771/",
            "http://127.0.0.1:9000/",
            "http://[::1]:9000/",
            "http://localhost.:9000/",
            "http://localhost.example:9000/",
            "http://10.0.0.7:9000/",
            "https://localhost:9000/",
        ] {
            assert_eq!(check(other, &demo), Err(AddressFault::Form), "{other}");
        }
    }

    #[test]
    fn w1_what_is_not_public_is_known_by_its_numbers() {
        let private = [
            "0.0.0.1",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.255.0.1",
            "169.254.0.1",
            "172.16.0.1",
            "172.31.9.9",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:808:808::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "5f00::1",
        ];
        for address in private {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "100.63.0.1", "100.128.0.1", "172.15.0.1", "172.32.0.1", "2a00:1450::1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
