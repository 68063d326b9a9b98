//! SQL of `invitations`.
use shared::Lang;
use uuid::Uuid;

use super::unreadable;
use crate::accounts::model::{CustomerId, Invited, Membership, UserId};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

/// Invitations that a list shows.
const LISTED_MAX: i64 = 200;

/// An invitation to keep.
#[derive(Debug)]
pub struct NewInvitation<'a> {
    pub id: Uuid,
    pub token_hash: [u8; 32],
    pub invited: Invited,
    /// As written, and as compared.
    pub email: (&'a fiscal::Email, &'a str),
    pub language: Lang,
    pub invited_by: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// One that is good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: Uuid,
    pub invited: Invited,
    pub email: fiscal::Email,
    pub language: Lang,
}

#[derive(sqlx::FromRow)]
struct InvitationRow {
    id: Uuid,
    customer_id: Option<Uuid>,
    issuer_id: Option<Uuid>,
    role: String,
    email: String,
    #[sqlx(try_from = "String")]
    language: Lang,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = DbError;
    fn try_from(row: InvitationRow) -> DbResult<Invitation> {
        let issuer = row.issuer_id.map(IssuerId::new);
        let invited = match row.customer_id.map(CustomerId::new) {
            Some(customer) => {
                let role = row.role.try_into().map_err(unreadable)?;
                Invited::Person(Membership { customer, role, part: issuer })
            }
            None => Invited::Staff { issuer, role: row.role.try_into().map_err(unreadable)? },
        };
        let email = row.email.parse().map_err(unreadable)?;
        Ok(Invitation { id: row.id, invited, email, language: row.language })
    }
}

/// Somebody who was invited and has not come.
#[derive(Debug, sqlx::FromRow)]
pub struct PendingRow {
    pub id: Uuid,
    pub email: String,
    pub role: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Keeps an invitation.
pub async fn insert(tx: &mut Tx, new: &NewInvitation<'_>) -> DbResult<()> {
    let (customer, issuer, role) = match new.invited {
        Invited::Person(Membership { customer, role, part }) => (Some(customer.uuid()), part, role.as_str()),
        Invited::Staff { issuer, role } => (None, issuer, role.as_str()),
    };
    let (email, folded) = new.email;
    on!(tx, ex => sqlx::query(
        "INSERT INTO invitations (id, token_hash, customer_id, issuer_id, role, email, email_folded, language, \
         invited_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(new.id).bind(new.token_hash.as_slice()).bind(customer).bind(issuer.map(IssuerId::uuid)).bind(role)
    .bind(email.as_str()).bind(folded).bind(new.language.as_str()).bind(new.invited_by.map(UserId::uuid)).bind(new.created_at)
    .bind(new.expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The invitation with this token, when it is good.
pub async fn find(conn: &mut impl Conn, token_hash: [u8; 32], now: Timestamp) -> DbResult<Option<Invitation>> {
    let row: Option<InvitationRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, customer_id, issuer_id, role, email, language FROM invitations \
         WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
    ).bind(token_hash.as_slice()).bind(now).fetch_optional(ex).await)?;
    row.map(Invitation::try_from).transpose()
}

/// Uses an invitation up. `false`: it was used or taken back meanwhile.
pub async fn mark_used(tx: &mut Tx, id: Uuid, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE invitations SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
    ).bind(id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes earlier invitations of the same address to the same place back: the last letter is the good one.
pub async fn revoke_earlier(tx: &mut Tx, invited: Invited, email_folded: &str, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("UPDATE invitations SET revoked_at = ");
        sql.push_bind(now).push(" WHERE used_at IS NULL AND revoked_at IS NULL AND email_folded = ");
        sql.push_bind(email_folded);
        match invited {
            Invited::Person(Membership { customer, part: None, .. }) => {
                sql.push(" AND customer_id = ").push_bind(customer.uuid())
            }
            Invited::Person(Membership { customer, part: Some(part), .. }) => {
                sql.push(" AND customer_id = ").push_bind(customer.uuid());
                sql.push(" AND issuer_id = ").push_bind(part.uuid())
            }
            Invited::Staff { issuer: Some(issuer), .. } => {
                sql.push(" AND customer_id IS NULL AND issuer_id = ").push_bind(issuer.uuid())
            }
            Invited::Staff { issuer: None, .. } => sql.push(" AND customer_id IS NULL AND issuer_id IS NULL"),
        };
        sql.build().execute(ex).await.map(|_| ())
    })?;
    Ok(())
}

/// Who was invited to an issuer's staff and has not come, the last first.
pub async fn list_of_issuer(conn: &mut impl Conn, scope: Scope, now: Timestamp) -> DbResult<Vec<PendingRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, email, role, created_at, expires_at FROM invitations WHERE customer_id IS NULL AND issuer_id = $1 \
         AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id DESC LIMIT $3",
    ).bind(scope.uuid()).bind(now).bind(LISTED_MAX).fetch_all(ex).await)?)
}

/// Who was invited to a customer and has not come, the last first; at most those who would see an issuer's part.
pub async fn list_of_customer(
    conn: &mut impl Conn,
    customer: CustomerId,
    at: Option<Scope>,
    now: Timestamp,
) -> DbResult<Vec<PendingRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, email, role, created_at, expires_at FROM invitations WHERE used_at IS NULL \
             AND revoked_at IS NULL AND customer_id = ",
        );
        sql.push_bind(customer.uuid()).push(" AND expires_at > ").push_bind(now);
        if let Some(scope) = at {
            sql.push(" AND (issuer_id IS NULL OR issuer_id = ").push_bind(scope.uuid()).push(")");
        }
        sql.push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(LISTED_MAX);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Takes an invitation to an issuer's staff back. `false`: there is none such.
pub async fn revoke_of_issuer(tx: &mut Tx, scope: Scope, id: Uuid, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE invitations SET revoked_at = $3 WHERE id = $2 AND issuer_id = $1 AND customer_id IS NULL \
         AND used_at IS NULL AND revoked_at IS NULL",
    ).bind(scope.uuid()).bind(id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes an invitation to a customer back; one issuer's own, where one is named. `false`: there is none such.
pub async fn revoke_of_customer(
    tx: &mut Tx,
    (customer, part): (CustomerId, Option<IssuerId>),
    id: Uuid,
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("UPDATE invitations SET revoked_at = ");
        sql.push_bind(now).push(" WHERE used_at IS NULL AND revoked_at IS NULL AND id = ").push_bind(id);
        sql.push(" AND customer_id = ").push_bind(customer.uuid());
        if let Some(part) = part {
            sql.push(" AND issuer_id = ").push_bind(part.uuid());
        }
        sql.build().execute(ex).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Deletes at most `limit` invitations whose time was over before `ended_before`; says how many.
pub async fn delete_ended(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE expires_at < $1 \
         ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
