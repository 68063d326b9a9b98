//! The invoices of a mailbox.

fn main() {
    web::mine::start();
}
