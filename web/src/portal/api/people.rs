//! Several people of the customer: who has access, who was invited, who gets copies of letters.
use shared::Lang;
use shared::accounts::people::{
    AddMailCopy, ChangePerson, CustomerPeople, InvitationSeen, InvitePerson, MailCopyView, OpenInvitation,
};
use shared::accounts::{Role, Secret};
use uuid::Uuid;

use super::Client;
use crate::api::Answer;
use crate::signed::client::Verb;

/// Everybody.
pub async fn list(client: Client) -> Answer<CustomerPeople> {
    client.get("/people".to_owned()).await
}

/// Invites somebody.
pub async fn invite(client: Client, email: String, role: Role, language: Lang) -> Answer<()> {
    client.post("/people-invitations".to_owned(), &InvitePerson { email, role, language }).await
}

/// Takes an invitation back.
pub async fn take_back(client: Client, id: Uuid) -> Answer<()> {
    client.delete(["/people-invitations/", &id.to_string()].concat()).await
}

/// Another role.
pub async fn change(client: Client, id: Uuid, role: Role) -> Answer<()> {
    client.put(["/people/", &id.to_string()].concat(), &ChangePerson { role }).await
}

/// Takes somebody's access away.
pub async fn remove(client: Client, id: Uuid) -> Answer<()> {
    client.delete(["/people/", &id.to_string()].concat()).await
}

/// Sends copies to one more address.
pub async fn add_copy(client: Client, email: String) -> Answer<MailCopyView> {
    client.post("/mail-copies".to_owned(), &AddMailCopy { email }).await
}

/// Sends no more copies to an address.
pub async fn remove_copy(client: Client, id: Uuid) -> Answer<()> {
    client.delete(["/mail-copies/", &id.to_string()].concat()).await
}

/// Reads an invitation; nothing is used up.
pub async fn open_invitation(client: Client, token: Secret) -> Answer<InvitationSeen> {
    client.open(Verb::Post, "/people-invitations/openings", &OpenInvitation { token }).await
}
