//! The portal API for a signed-in customer's person: whose session it is, and what is asked of whom.
pub mod accounts;
pub mod documents;
pub mod payments;
pub mod people;
pub mod privacy;

use shared::accounts::{ChooseCustomer, Me};

use crate::signed::client::{self, Opened, Person, Request, Verb};

pub use crate::signed::send;

/// The client of a customer's person.
pub type Client = client::Client<Me>;

impl Person for Me {
    const SESSIONS: &'static str = "/sessions";
    const ME: &'static str = "/me";
    const KEPT: &'static str = "ventanilla.signed-in";

    fn purpose(&self) -> String {
        self.customer.id.to_string()
    }

    fn user(&self, by_name: bool) -> &str {
        self.user_name.as_deref().filter(|_| by_name).unwrap_or(&self.email)
    }

    /// The session is for the same customer as before.
    async fn restore(client: Client, before: &Me, opened: Opened<Me>) -> Opened<Me> {
        let customer_id = before.customer.id;
        if customer_id == opened.me.customer.id {
            return opened;
        }
        let choose = Request::new(Verb::Put, "/sessions/current/customer".to_owned());
        let Ok(choose) = choose.with_body(&ChooseCustomer { customer_id }) else { return opened };
        // A customer this person no longer acts for is left with its page.
        match client.with_token(choose, opened.access_token.clone()).await {
            Ok(me) => Opened { me, ..opened },
            Err(_) => opened,
        }
    }
}
