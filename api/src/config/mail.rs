//! What is asked of the mail settings beyond their form.
use super::Mail;

impl Mail {
    /// What keeps a real installation from sending under [`Mail::from_address`]: a domain that is nobody's (RFC 2606), as
    /// the default's is. In a rehearsal it may stay.
    pub fn sender_fault(&self) -> Option<String> {
        let (_, domain) = self.from_address.rsplit_once('@')?;
        let top = domain.rsplit('.').next().unwrap_or(domain);
        top.eq_ignore_ascii_case("example").then(|| {
            format!("mail.from_address: {} is an example: write one that your mail server sends as", self.from_address)
        })
    }
}
