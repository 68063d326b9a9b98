//! SQL of `staff_grants`.
use shared::Lang;
use shared::staff::StaffRole;
use uuid::Uuid;

use crate::accounts::model::{Grant, UserId};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

/// Staff of one issuer that a list shows.
const LISTED_MAX: i64 = 200;
/// Grants of one person that are read: issuers of a group.
const GRANTS_MAX: i64 = 100;

#[derive(sqlx::FromRow)]
struct GrantRow {
    issuer_id: Option<Uuid>,
    #[sqlx(try_from = "String")]
    role: StaffRole,
}

/// Somebody of the staff.
#[derive(Debug, sqlx::FromRow)]
pub struct StaffRow {
    pub id: Uuid,
    pub user_id: Uuid,
    pub issuer_id: Option<Uuid>,
    #[sqlx(try_from = "String")]
    pub role: StaffRole,
    pub email: String,
    pub last_seen_at: Option<Timestamp>,
}

/// What a person may do.
pub async fn list_grants(conn: &mut impl Conn, user: UserId) -> DbResult<Vec<Grant>> {
    let rows: Vec<GrantRow> = on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, role FROM staff_grants WHERE user_id = $1 ORDER BY created_at, id LIMIT $2",
    ).bind(user.uuid()).bind(GRANTS_MAX).fetch_all(ex).await)?;
    Ok(rows.into_iter().map(|row| Grant { issuer: row.issuer_id.map(IssuerId::new), role: row.role }).collect())
}

/// Gives somebody a role, or another one at the same place. Gives the grant's id.
pub async fn upsert(
    tx: &mut Tx,
    id: Uuid,
    user: UserId,
    issuer: Option<IssuerId>,
    role: StaffRole,
    now: Timestamp,
) -> DbResult<()> {
    match issuer {
        Some(issuer) => on!(tx, ex => sqlx::query(
            "INSERT INTO staff_grants (id, user_id, issuer_id, role, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (user_id, issuer_id) WHERE issuer_id IS NOT NULL DO UPDATE SET role = $4",
        )
        .bind(id).bind(user.uuid()).bind(issuer.uuid()).bind(role.as_str()).bind(now).execute(ex).await.map(|_| ()))?,
        None => on!(tx, ex => sqlx::query(
            "INSERT INTO staff_grants (id, user_id, role, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id) WHERE issuer_id IS NULL DO UPDATE SET role = $3",
        ).bind(id).bind(user.uuid()).bind(role.as_str()).bind(now).execute(ex).await.map(|_| ()))?,
    }
    Ok(())
}

/// Who works for an issuer, those of the whole installation among them.
pub async fn list(conn: &mut impl Conn, scope: Scope) -> DbResult<Vec<StaffRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT g.id, g.user_id, g.issuer_id, g.role, u.email, (SELECT MAX(s.refreshed_at) FROM sessions AS s \
         WHERE s.user_id = g.user_id AND s.kind = 'staff') AS last_seen_at FROM staff_grants AS g \
         JOIN users AS u ON u.id = g.user_id WHERE g.issuer_id = $1 OR g.issuer_id IS NULL \
         ORDER BY g.created_at, g.id LIMIT $2",
    ).bind(scope.uuid()).bind(LISTED_MAX).fetch_all(ex).await)?)
}

/// A grant at this issuer, held until the transaction ends; those of the whole installation are not an issuer's.
pub async fn lock(tx: &mut Tx, scope: Scope, id: Uuid) -> DbResult<Option<(UserId, StaffRole)>> {
    let for_update = tx.for_update();
    let row: Option<(Uuid, String)> = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT user_id, role FROM staff_grants WHERE issuer_id = ");
        sql.push_bind(scope.uuid()).push(" AND id = ").push_bind(id).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?;
    let Some((user, role)) = row else { return Ok(None) };
    let role = StaffRole::try_from(role).map_err(super::unreadable)?;
    Ok(Some((UserId::new(user), role)))
}

/// Holds an issuer's operators, those of the whole installation among them, until the transaction ends: of two who take
/// each other's role away at once the second finds out. `false`: there are none.
pub async fn lock_operators(tx: &mut Tx, scope: Scope) -> DbResult<bool> {
    let for_update = tx.for_update();
    let held: Vec<Uuid> = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id FROM staff_grants WHERE role = 'operator' AND (issuer_id = ");
        sql.push_bind(scope.uuid()).push(" OR issuer_id IS NULL) ORDER BY id").push(for_update);
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(!held.is_empty())
}

/// Where an issuer's operators get letters, those of the whole installation among them, and in which language.
pub async fn list_operators(conn: &mut impl Conn, scope: Scope) -> DbResult<Vec<(fiscal::Email, Lang)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        email: String,
        #[sqlx(try_from = "String")]
        language: Lang,
    }
    let rows: Vec<Row> = on!(conn, ex => sqlx::query_as(
        "SELECT DISTINCT u.email, u.language FROM staff_grants AS g JOIN users AS u ON u.id = g.user_id \
         WHERE g.role = 'operator' AND u.state = 'active' AND (g.issuer_id = $1 OR g.issuer_id IS NULL) \
         ORDER BY u.email LIMIT $2",
    ).bind(scope.uuid()).bind(LISTED_MAX).fetch_all(ex).await)?;
    rows.into_iter().map(|row| Ok((row.email.parse().map_err(super::unreadable)?, row.language))).collect()
}

/// Another role at this issuer.
pub async fn set_role(tx: &mut Tx, scope: Scope, id: Uuid, role: StaffRole) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE staff_grants SET role = $3 WHERE issuer_id = $1 AND id = $2")
        .bind(scope.uuid()).bind(id).bind(role.as_str()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Takes a role at this issuer away.
pub async fn delete(tx: &mut Tx, scope: Scope, id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM staff_grants WHERE issuer_id = $1 AND id = $2")
        .bind(scope.uuid()).bind(id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Operators of an issuer, those of the whole installation among them.
pub async fn count_operators(conn: &mut impl Conn, scope: Scope) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM staff_grants WHERE role = 'operator' AND (issuer_id = $1 OR issuer_id IS NULL)",
    ).bind(scope.uuid()).fetch_one(ex).await)?)
}
