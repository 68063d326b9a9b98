//! The console's part of the API: whose session it is, and what is asked of which issuer. Only this room knows addresses.
pub mod customers;
pub mod documents;
pub mod integrators;
pub mod issuers;
pub mod payments;
pub mod privacy;

use shared::Lang;
use shared::accounts::{ChangePassword, SessionView};
use shared::page::Page;
use shared::staff::{ChangeStaff, InviteStaff, StaffList, StaffMe, StaffRole};
use uuid::Uuid;

use crate::api::Answer;
use crate::signed::client::{self, Opened, Person};

/// The client of a person of the staff.
pub type Client = client::Client<StaffMe>;

impl Person for StaffMe {
    const SESSIONS: &'static str = "/console/sessions";
    const ME: &'static str = "/console/me";
    const KEPT: &'static str = "ventanilla.console";

    fn purpose(&self) -> String {
        self.user_id.to_string()
    }

    fn user(&self, _: bool) -> &str {
        &self.email
    }

    /// Which issuer is worked for is in the address, not in the session.
    async fn restore(_: Client, _: &StaffMe, opened: Opened<StaffMe>) -> Opened<StaffMe> {
        opened
    }
}

/// A path of an issuer's.
pub fn of(slug: &str, tail: &str) -> String {
    ["/console/issuers/", slug, tail].concat()
}

/// Everybody who works for an issuer.
pub async fn staff(client: Client, slug: String) -> Answer<StaffList> {
    client.get(of(&slug, "/staff")).await
}

/// Invites somebody.
pub async fn invite(client: Client, slug: String, email: String, role: StaffRole, language: Lang) -> Answer<()> {
    client.post(of(&slug, "/staff-invitations"), &InviteStaff { email, role, language }).await
}

/// Takes an invitation back.
pub async fn take_back(client: Client, slug: String, id: Uuid) -> Answer<()> {
    client.delete(of(&slug, &["/staff-invitations/", &id.to_string()].concat())).await
}

/// Another role.
pub async fn change_staff(client: Client, slug: String, id: Uuid, role: StaffRole) -> Answer<()> {
    client.put(of(&slug, &["/staff/", &id.to_string()].concat()), &ChangeStaff { role }).await
}

/// Takes somebody's role away.
pub async fn remove_staff(client: Client, slug: String, id: Uuid) -> Answer<()> {
    client.delete(of(&slug, &["/staff/", &id.to_string()].concat())).await
}

/// Lets somebody who lost their phone set the second step up anew.
pub async fn reset_factor(client: Client, slug: String, id: Uuid) -> Answer<()> {
    client.delete(of(&slug, &["/staff/", &id.to_string(), "/second-factor"].concat())).await
}

/// Another password; all other sessions end.
pub async fn change_password(client: Client, form: &ChangePassword) -> Answer<()> {
    client.post("/passwords".to_owned(), form).await
}

/// The person's open sessions, the last used first.
pub async fn sessions(client: Client) -> Answer<Page<SessionView>> {
    client.get("/sessions".to_owned()).await
}

/// Ends all but this one.
pub async fn end_other_sessions(client: Client) -> Answer<()> {
    client.delete("/sessions/others".to_owned()).await
}
