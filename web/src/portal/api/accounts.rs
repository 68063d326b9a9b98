//! People: signing in and out, registering, passwords, sessions.
use shared::Lang;
use shared::accounts::entry::{
    AskFirstCode, FirstCodeAsked, FirstEntryOpened, FirstPassword, LinkOpened, OpenFirstEntry, OpenLink,
};
use shared::accounts::group::ProveCompany;
use shared::accounts::{ChangePassword, ChooseCustomer, ChooseLanguage, Me, Recover, Register, Secret, SessionView};
use shared::page::Page;
use shared::profiles::Profile;
use uuid::Uuid;

use super::Client;
use crate::api::Answer;
use crate::signed::client::{Request, Verb};
use crate::signed::send;

impl Client {
    /// Asks for an account. The answer is the same whether the data match or not.
    pub async fn register(self, form: &Register, work: Option<String>) -> Answer<()> {
        self.open_worked("/registrations", form, work).await
    }

    /// Asks for another password. The answer is the same whether there is such a person or not.
    pub async fn recover(self, form: &Recover, work: Option<String>) -> Answer<()> {
        self.open_worked("/password-recoveries", form, work).await
    }

    /// How this issuer's portal differs from ours.
    pub async fn profile(self, slug: &str) -> Answer<Profile> {
        let request = Request::new(Verb::Get, ["/issuers/", slug, "/profile"].concat());
        send::decode(&send::text(request, None).await?)
    }

    /// Opens the link of a letter; `what` is registrations or password-recoveries.
    pub async fn open_link(self, what: &str, form: &OpenLink) -> Answer<LinkOpened> {
        self.open(Verb::Post, &["/", what, "/openings"].concat(), form).await
    }

    /// Takes a new address over, by the link of its letter.
    pub async fn confirm_address(self, token: Secret) -> Answer<()> {
        self.open(Verb::Post, "/email-change-links/confirmations", &OpenLink { token }).await
    }

    /// A first entry by RFC.
    pub async fn open_first_entry(self, form: &OpenFirstEntry) -> Answer<FirstEntryOpened> {
        self.open(Verb::Post, "/first-entries", form).await
    }

    /// Asks for its code.
    pub async fn ask_first_code(self, form: &AskFirstCode, work: Option<String>) -> Answer<FirstCodeAsked> {
        self.open_worked("/first-entries/codes", form, work).await
    }

    /// Closes to this browser what was invoiced to the mailbox of whoever leaves.
    pub async fn close_mailbox(self, slug: &str) -> Answer<()> {
        let request = Request::new(Verb::Delete, ["/issuers/", slug, "/mailbox-sessions"].concat());
        send::decode(&send::text(request, None).await?)
    }

    /// A password in the place of a temporary one.
    pub async fn first_password(self, form: &FirstPassword) -> Answer<()> {
        let me: Me = self.post("/passwords/first".to_owned(), form).await?;
        self.is(me);
        Ok(())
    }

    /// Another password; all other sessions end.
    pub async fn change_password(self, form: &ChangePassword) -> Answer<()> {
        self.post("/passwords".to_owned(), form).await
    }

    /// The open sessions, the last used first.
    pub async fn sessions(self) -> Answer<Page<SessionView>> {
        self.get("/sessions".to_owned()).await
    }

    /// Ends one.
    pub async fn end_session(self, id: Uuid) -> Answer<()> {
        self.delete(["/sessions/", &id.to_string()].concat()).await
    }

    /// Ends all but this one.
    pub async fn end_other_sessions(self) -> Answer<()> {
        self.delete("/sessions/others".to_owned()).await
    }

    /// Adds another company of the group to what the person sees.
    pub async fn prove_company(self, form: &ProveCompany) -> Answer<()> {
        let me: Me = self.post("/company-proofs".to_owned(), form).await?;
        self.is(me);
        Ok(())
    }

    /// The language of the person's letters, and of their pages in a browser that chose none.
    pub async fn choose_language(self, language: Lang) -> Answer<()> {
        self.put("/me/language".to_owned(), &ChooseLanguage { language }).await
    }

    /// Turns this session to another of the person's customers.
    pub async fn choose_customer(self, customer_id: Uuid) -> Answer<()> {
        let me: Me = self.put("/sessions/current/customer".to_owned(), &ChooseCustomer { customer_id }).await?;
        self.is(me);
        Ok(())
    }
}
