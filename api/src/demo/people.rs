//! The demo's customers: one with users who can sign in, one that nobody has registered yet, and one more whose books are
//! kept by the accountant of the first. Another is there for programs to try things with.
use fiscal::{CodigoPostal, Email, Nombre, RegimenFiscal, Rfc};
use shared::Lang;
use shared::accounts::{Role, Secret};
use shared::profiles::SignInWith;
use shared::rehearsal::{RehearsalCustomer, RehearsalSignIn, RehearsalStaff};
use shared::staff::StaffRole;

use super::companies::COMPANIES;
use crate::App;
use crate::accounts::model::{Membership, NewUser};
use crate::accounts::{NewCustomer, people, second_factor, staff};
use crate::db::DbResult;
use crate::issuers::{self, Scope};

pub(super) struct Client {
    pub(super) rfc: &'static str,
    pub(super) nombre: &'static str,
    pub(super) regimen: RegimenFiscal,
    pub(super) codigo_postal: &'static str,
    /// Numbers at the default issuer.
    pub(super) contracts: &'static [&'static str],
    users: &'static [Person],
}

struct Person {
    email: &'static str,
    user_name: Option<&'static str>,
    role: Role,
}

/// Whoever pays for the first client, and whoever keeps its books.
pub(super) const OWNER: &str = "lucia.ferran@arrayan.example";
pub(super) const ACCOUNTANT: &str = "despacho@contadores.example";

pub(super) const CLIENTS: [Client; 2] = [
    Client {
        rfc: "TAM010203ABA",
        nombre: "TEXTILES ARRAYAN Y MIMBRE",
        regimen: RegimenFiscal::R601,
        codigo_postal: "76230",
        contracts: &["005300", "17-0942"],
        users: &[
            Person { email: OWNER, user_name: Some("TAM010203ABA"), role: Role::Owner },
            Person { email: ACCOUNTANT, user_name: None, role: Role::Reader },
        ],
    },
    Client {
        rfc: "CHI1203155K7",
        nombre: "CAFETERIAS LA HIGUERA",
        regimen: RegimenFiscal::R601,
        codigo_postal: "06010",
        contracts: &["000781"],
        users: &[],
    },
];

/// The accountant's own client.
pub(super) const SECOND: Client = Client {
    rfc: "FTF110815QB8",
    nombre: "FERRETERIA TRES FAROLES",
    regimen: RegimenFiscal::R601,
    codigo_postal: "06010",
    contracts: &["002118"],
    users: &[],
};

/// Whom programs try credits with: nobody signs in for it, and nobody looks at what it owes.
pub(super) const THIRD: Client = Client {
    rfc: "PTE150408KJ8",
    nombre: "PAPELERIA TRES ESQUINAS",
    regimen: RegimenFiscal::R601,
    codigo_postal: "06010",
    contracts: &["003377"],
    users: &[],
};

impl Client {
    pub(super) fn customer(&self) -> anyhow::Result<NewCustomer> {
        Ok(NewCustomer {
            rfc: Rfc::parse(self.rfc)?,
            nombre: Nombre::parse(self.nombre)?,
            regimen: self.regimen,
            codigo_postal: CodigoPostal::parse(self.codigo_postal)?,
        })
    }
}

/// Adds the customers that are not there yet, with their contracts at this issuer and their users.
pub(super) async fn fill(app: &App, scope: Scope) -> anyhow::Result<()> {
    for client in &CLIENTS {
        let rfc = Rfc::parse(client.rfc)?;
        if people::find_customer(&mut app.db.read().await?, &rfc).await?.is_some() {
            continue;
        }
        let mut hashes = Vec::new();
        for person in client.users {
            let password = Secret::new(app.session_keys.demo_password(person.email));
            hashes.push(app.hasher.enter()?.hash(&app.ids, &password).await?);
        }
        let customer = client.customer()?;
        let mut tx = app.db.begin().await?;
        let id = people::add_customer(&mut tx, app, &customer).await?;
        for number in client.contracts {
            people::add_contract(&mut tx, app, scope, id, number).await?;
        }
        for (person, password_hash) in client.users.iter().zip(&hashes) {
            let email = Email::parse(person.email)?;
            let password_hash = Some(password_hash.as_str());
            let user = NewUser { email: &email, user_name: person.user_name, password_hash, language: Lang::Es };
            people::add_user(
                &mut tx,
                app,
                &user,
                Membership { customer: id, role: person.role, part: None },
                app.now(),
            )
            .await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Adds the customer whose books the accountant keeps too, unless it is there: whoever is of several chooses among them.
pub(super) async fn add_second(app: &App, scope: Scope) -> anyhow::Result<()> {
    let rfc = Rfc::parse(SECOND.rfc)?;
    let accountant = {
        let mut conn = app.db.read().await?;
        match people::find_customer(&mut conn, &rfc).await? {
            Some(_) => None,
            None => people::find_user(&mut conn, ACCOUNTANT).await?,
        }
    };
    let Some(accountant) = accountant else { return Ok(()) };
    let mut tx = app.db.begin().await?;
    let customer = people::add_customer(&mut tx, app, &SECOND.customer()?).await?;
    for number in SECOND.contracts {
        people::add_contract(&mut tx, app, scope, customer, number).await?;
    }
    // Later than the first customer's: a first session is for that one.
    let (membership, at) = (Membership { customer, role: Role::Owner, part: None }, app.now().plus_seconds(1));
    people::join(&mut tx, accountant, membership, at).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds the customer that programs try things with, unless it is there.
pub(super) async fn add_third(app: &App, scope: Scope) -> anyhow::Result<()> {
    let rfc = Rfc::parse(THIRD.rfc)?;
    if people::find_customer(&mut app.db.read().await?, &rfc).await?.is_some() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let customer = people::add_customer(&mut tx, app, &THIRD.customer()?).await?;
    for number in THIRD.contracts {
        people::add_contract(&mut tx, app, scope, customer, number).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Somebody of the house.
struct Worker {
    email: &'static str,
    role: StaffRole,
    /// Runs the whole installation; else works for the default issuer.
    whole_installation: bool,
}

const STAFF: [Worker; 2] = [
    Worker { email: "operacion@ventanilla.example", role: StaffRole::Operator, whole_installation: true },
    Worker { email: "mostrador@colibri-azul.example", role: StaffRole::Staff, whole_installation: false },
];

/// Adds the staff that are not there yet, with their second step.
pub(super) async fn hire(app: &App, scope: Scope) -> anyhow::Result<()> {
    for worker in &STAFF {
        if people::find_user(&mut app.db.read().await?, worker.email).await?.is_some() {
            continue;
        }
        let password = Secret::new(app.session_keys.demo_password(worker.email));
        let hash = app.hasher.enter()?.hash(&app.ids, &password).await?;
        let email = Email::parse(worker.email)?;
        let user = NewUser { email: &email, user_name: None, password_hash: Some(&hash), language: Lang::Es };
        let issuer = (!worker.whole_installation).then_some(scope.issuer());
        let mut tx = app.db.begin().await?;
        let id = staff::hire(&mut tx, app, &user, (issuer, worker.role)).await?;
        second_factor::give_demo(&mut tx, app, id, &code_secret(app, worker)).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn code_secret(app: &App, worker: &Worker) -> [u8; 32] {
    app.session_keys.demo_secret(&format!("second step of {}", worker.email))
}

/// The staff who can sign in, with the code that is good now.
pub(super) async fn staff_sign_ins(app: &App) -> DbResult<Vec<RehearsalStaff>> {
    let mut conn = app.db.read().await?;
    let mut found = Vec::new();
    for worker in &STAFF {
        let Some(user) = people::find_user(&mut conn, worker.email).await? else { continue };
        found.push(RehearsalStaff {
            user: worker.email.to_owned(),
            password: app.session_keys.demo_password(worker.email),
            role: worker.role,
            whole_installation: worker.whole_installation,
            code: second_factor::demo_code(&mut conn, app, user, &code_secret(app, worker)).await?,
        });
    }
    Ok(found)
}

/// Who can sign in, and with what. Shown by the rehearsal's page alone; the passwords are derived, not kept.
pub(super) fn sign_ins(app: &App) -> Vec<RehearsalSignIn> {
    let by_name = app.profiles.named(COMPANIES[0].slug).sign_in == SignInWith::UserName;
    let of = |client: &'static Client| {
        client.users.iter().map(move |person| RehearsalSignIn {
            user: person.user_name.filter(|_| by_name).unwrap_or(person.email).to_owned(),
            password: app.session_keys.demo_password(person.email),
            role: person.role,
            customer: client.nombre.to_owned(),
        })
    };
    CLIENTS.iter().flat_map(of).collect()
}

/// Customers that still have nobody.
pub(super) async fn registrable(app: &App) -> DbResult<Vec<RehearsalCustomer>> {
    let mut conn = app.db.read().await?;
    let mut found = Vec::new();
    let Some(issuer) = issuers::service::find_default_issuer(&mut conn).await? else { return Ok(found) };
    for client in &CLIENTS {
        let Ok(rfc) = Rfc::parse(client.rfc) else { continue };
        let Some(id) = people::find_customer(&mut conn, &rfc).await? else { continue };
        if !people::has_users(&mut conn, id, Scope::of(issuer.id)).await? {
            found.extend(client.contracts.iter().map(|contract| RehearsalCustomer {
                rfc: client.rfc.to_owned(),
                contract: (*contract).to_owned(),
                customer: client.nombre.to_owned(),
            }));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_can_be_kept() {
        for client in CLIENTS.iter().chain([&SECOND, &THIRD]) {
            let rfc = Rfc::parse(client.rfc).unwrap();
            assert!(rfc.is_moral() && rfc.check_digit_matches(), "{rfc}");
            Nombre::parse(client.nombre).unwrap();
            CodigoPostal::parse(client.codigo_postal).unwrap();
            for person in client.users {
                Email::parse(person.email).unwrap();
            }
        }
    }
}
