//! SQL of `sessions`.
use shared::accounts::Role;
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::unreadable;
use crate::accounts::model::{Caller, CustomerId, Principal, Reach, SessionId, Standing, UserId, Whose};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::IssuerId;

#[derive(sqlx::FromRow)]
struct CallerRow {
    id: Uuid,
    user_id: Uuid,
    customer_id: Uuid,
    rfc: String,
    #[sqlx(try_from = "String")]
    role: Role,
    issuer_id: Option<Uuid>,
    reach: String,
    proved_at: Timestamp,
}

impl TryFrom<CallerRow> for Caller {
    type Error = DbError;
    fn try_from(row: CallerRow) -> DbResult<Caller> {
        Ok(Caller {
            session_id: SessionId::new(row.id),
            user_id: UserId::new(row.user_id),
            customer_id: CustomerId::new(row.customer_id),
            rfc: row.rfc.parse().map_err(unreadable)?,
            role: row.role,
            reach: reach(row.reach)?,
            proved_at: row.proved_at,
            view: None,
            part: row.issuer_id.map(IssuerId::new),
        })
    }
}

#[derive(sqlx::FromRow)]
struct ViewRow {
    id: Uuid,
    user_id: Uuid,
    customer_id: Uuid,
    issuer_id: Uuid,
    rfc: String,
    proved_at: Timestamp,
}

impl TryFrom<ViewRow> for Caller {
    type Error = DbError;
    fn try_from(row: ViewRow) -> DbResult<Caller> {
        Ok(Caller {
            session_id: SessionId::new(row.id),
            user_id: UserId::new(row.user_id),
            customer_id: CustomerId::new(row.customer_id),
            rfc: row.rfc.parse().map_err(unreadable)?,
            role: Role::Reader,
            reach: Reach::Full,
            proved_at: row.proved_at,
            view: Some(IssuerId::new(row.issuer_id)),
            part: None,
        })
    }
}

fn reach(word: String) -> DbResult<Reach> {
    Reach::try_from(word).map_err(|word| sqlx::Error::Decode(format!("sessions: reach {word}").into()).into())
}

#[derive(sqlx::FromRow)]
struct PrincipalRow {
    id: Uuid,
    kind: String,
    user_id: Uuid,
    customer_id: Option<Uuid>,
    issuer_id: Option<Uuid>,
    reach: String,
    proved_at: Timestamp,
}

impl TryFrom<PrincipalRow> for Principal {
    type Error = DbError;
    fn try_from(row: PrincipalRow) -> DbResult<Principal> {
        let whose = match (row.kind.as_str(), row.customer_id, row.issuer_id) {
            ("customer", Some(customer), None) => Whose::Customer(CustomerId::new(customer)),
            ("staff", None, None) => Whose::Staff,
            ("view", Some(customer), Some(issuer)) => Whose::View(CustomerId::new(customer), IssuerId::new(issuer)),
            ("mailbox", None, None) => Whose::Mailbox,
            _ => return Err(sqlx::Error::Decode("sessions: a kind that its columns deny".into()).into()),
        };
        Ok(Principal {
            session_id: SessionId::new(row.id),
            user_id: UserId::new(row.user_id),
            whose,
            reach: reach(row.reach)?,
            proved_at: row.proved_at,
        })
    }
}

/// A session, whole.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SessionRow {
    pub id: Uuid,
    pub kind: String,
    pub user_id: Uuid,
    pub generation: i64,
    pub device: String,
    pub created_at: Timestamp,
    pub refreshed_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl SessionRow {
    /// What decides about its next refresh.
    pub fn standing(&self) -> Standing {
        Standing {
            generation: self.generation,
            refreshed_at: self.refreshed_at,
            expires_at: self.expires_at,
            revoked: self.revoked_at.is_some(),
        }
    }
}

/// A session to open.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub id: SessionId,
    pub user: UserId,
    pub whose: Whose,
    pub reach: Reach,
    pub device: &'a str,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Opens a session, for somebody who just proved who they are.
pub async fn insert(tx: &mut Tx, session: &NewSession<'_>) -> DbResult<()> {
    let (customer, issuer) = match session.whose {
        Whose::Customer(customer) => (Some(customer.uuid()), None),
        Whose::Staff | Whose::Mailbox => (None, None),
        Whose::View(customer, issuer) => (Some(customer.uuid()), Some(issuer.uuid())),
    };
    on!(tx, ex => sqlx::query(
        "INSERT INTO sessions (id, kind, user_id, customer_id, issuer_id, reach, generation, device, created_at, \
         refreshed_at, expires_at, proved_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $8, $9, $8)",
    )
    .bind(session.id.uuid()).bind(session.whose.kind()).bind(session.user.uuid()).bind(customer).bind(issuer)
    .bind(session.reach.as_str()).bind(session.device).bind(session.created_at).bind(session.expires_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The person of this session, when it lives: neither ended nor over nor idle since `used_after`, its user active.
pub async fn find_principal(
    conn: &mut impl Conn,
    id: SessionId,
    now: Timestamp,
    used_after: Timestamp,
) -> DbResult<Option<Principal>> {
    let row: Option<PrincipalRow> = on!(conn, ex => sqlx::query_as(
        "SELECT s.id, s.kind, s.user_id, s.customer_id, s.issuer_id, s.reach, s.proved_at FROM sessions AS s \
         JOIN users AS u ON u.id = s.user_id WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 \
         AND s.refreshed_at > $3 AND u.state = 'active'",
    ).bind(id.uuid()).bind(now).bind(used_after).fetch_optional(ex).await)?;
    row.map(Principal::try_from).transpose()
}

/// The person proved again who they are.
pub async fn mark_proved(tx: &mut Tx, id: SessionId, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE sessions SET proved_at = $2 WHERE id = $1")
        .bind(id.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Who asks by this session, when it lives: neither ended nor over nor idle since `used_after`, its user active and
/// still one of the customer's.
pub async fn find_caller(
    conn: &mut impl Conn,
    id: SessionId,
    now: Timestamp,
    used_after: Timestamp,
) -> DbResult<Option<Caller>> {
    let row: Option<CallerRow> = on!(conn, ex => sqlx::query_as(
        "SELECT s.id, s.user_id, s.customer_id, c.rfc, m.role, m.issuer_id, s.reach, s.proved_at FROM sessions AS s \
         JOIN users AS u ON u.id = s.user_id \
         JOIN memberships AS m ON m.user_id = s.user_id AND m.customer_id = s.customer_id \
         JOIN customers AS c ON c.id = s.customer_id \
         WHERE s.id = $1 AND s.kind = 'customer' AND s.revoked_at IS NULL AND s.expires_at > $2 \
         AND s.refreshed_at > $3 AND u.state = 'active'",
    ).bind(id.uuid()).bind(now).bind(used_after).fetch_optional(ex).await)?;
    row.map(Caller::try_from).transpose()
}

/// Who looks by this session at a customer's pages, when it lives and its user still works for that issuer: as a reader,
/// of that issuer's part.
pub async fn find_view(conn: &mut impl Conn, id: SessionId, now: Timestamp) -> DbResult<Option<Caller>> {
    let row: Option<ViewRow> = on!(conn, ex => sqlx::query_as(
        "SELECT s.id, s.user_id, s.customer_id, s.issuer_id, c.rfc, s.proved_at FROM sessions AS s \
         JOIN users AS u ON u.id = s.user_id JOIN customers AS c ON c.id = s.customer_id \
         WHERE s.id = $1 AND s.kind = 'view' AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.state = 'active' \
         AND EXISTS (SELECT 1 FROM staff_grants AS g WHERE g.user_id = s.user_id \
         AND (g.issuer_id = s.issuer_id OR g.issuer_id IS NULL))",
    ).bind(id.uuid()).bind(now).fetch_optional(ex).await)?;
    row.map(Caller::try_from).transpose()
}

/// A session, living or not.
pub async fn find(conn: &mut impl Conn, id: SessionId) -> DbResult<Option<SessionRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, kind, user_id, generation, device, created_at, refreshed_at, expires_at, revoked_at FROM sessions \
         WHERE id = $1",
    ).bind(id.uuid()).fetch_optional(ex).await)?)
}

/// A person's living sessions, the last used first.
pub async fn list_live(
    conn: &mut impl Conn,
    user: UserId,
    now: Timestamp,
    used_after: Timestamp,
    limit: i64,
) -> DbResult<Vec<SessionRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, kind, user_id, generation, device, created_at, refreshed_at, expires_at, revoked_at FROM sessions \
         WHERE user_id = $1 AND kind <> 'view' AND revoked_at IS NULL AND expires_at > $2 AND refreshed_at > $3 \
         ORDER BY refreshed_at DESC, id DESC LIMIT $4",
    ).bind(user.uuid()).bind(now).bind(used_after).bind(limit).fetch_all(ex).await)?)
}

/// The next generation. `false`: another refresh was first, or the session has ended.
pub async fn mark_refreshed(tx: &mut Tx, id: SessionId, generation: i64, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE sessions SET generation = generation + 1, refreshed_at = $3 \
         WHERE id = $1 AND generation = $2 AND revoked_at IS NULL",
    ).bind(id.uuid()).bind(generation).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Ends one of a person's sessions. `false`: it is not theirs, or it has ended.
pub async fn mark_revoked(tx: &mut Tx, id: SessionId, user: UserId, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE sessions SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
    ).bind(id.uuid()).bind(user.uuid()).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Ends all of a person's sessions but one.
pub async fn mark_all_revoked(tx: &mut Tx, user: UserId, but: Option<SessionId>, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => {
        let mut sql = QueryBuilder::new("UPDATE sessions SET revoked_at = ");
        sql.push_bind(now).push(" WHERE revoked_at IS NULL AND user_id = ").push_bind(user.uuid());
        if let Some(but) = but {
            sql.push(" AND id <> ").push_bind(but.uuid());
        }
        sql.build().execute(ex).await.map(|_| ())
    })?;
    Ok(())
}

/// What stood in its way was done: the session may do everything.
pub async fn widen(tx: &mut Tx, id: SessionId) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE sessions SET reach = $2 WHERE id = $1")
        .bind(id.uuid()).bind(Reach::Full.as_str()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Makes a session one for another of its person's customers. `false`: it is not one of theirs.
pub async fn set_customer(tx: &mut Tx, id: SessionId, user: UserId, customer: CustomerId) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE sessions SET customer_id = $3 WHERE id = $1 AND user_id = $2 AND kind = 'customer' AND EXISTS \
         (SELECT 1 FROM memberships WHERE user_id = $2 AND customer_id = $3)",
    ).bind(id.uuid()).bind(user.uuid()).bind(customer.uuid()).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Deletes at most `limit` sessions that could not be used since `ended_before`; says how many.
pub async fn delete_ended(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
