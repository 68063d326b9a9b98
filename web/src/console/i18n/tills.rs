//! The words about the keys that tills sign tickets with.

/// The words.
pub struct Tills {
    pub title: &'static str,
    pub lead: &'static str,
    pub make: &'static str,
    pub make_title: &'static str,
    pub name: &'static str,
    pub name_hint: &'static str,
    pub branch: &'static str,
    pub choose: &'static str,
    pub no_branches: &'static str,
    pub made: &'static str,
    /// What the text of a QR begins with.
    pub address: &'static str,
    pub created: &'static str,
    pub end_words: &'static str,
    pub none: &'static str,
    pub none_words: &'static str,
    pub docs: &'static str,
}

pub const ES: Tills = Tills {
    title: "Llaves de caja",
    lead: "Con una, la caja firma el QR de cada ticket y el cliente lo factura con solo escanearlo, aunque la venta \
           llegue después.",
    make: "Crear llave de caja",
    make_title: "Crear una llave de caja",
    name: "Nombre",
    name_hint: "La caja o el punto de venta que la usará.",
    branch: "Sucursal",
    choose: "Elija una sucursal",
    no_branches: "Primero agregue una sucursal en Configuración.",
    made: "Llave creada. Cópiela ahora en la caja: no se vuelve a mostrar.",
    address: "El texto del QR empieza con {0}",
    created: "Creada",
    end_words: "Los tickets ya impresos con ella dejan de poder facturarse con su QR; los datos del ticket siguen sirviendo. \
                Si solo la renueva, espere a que venza el plazo del último ticket.",
    none: "Todavía no hay llaves de caja",
    none_words: "El formato, los ejemplos en tres lenguajes y los valores de prueba están en la documentación.",
    docs: "Cómo firma una caja",
};

pub const EN: Tills = Tills {
    title: "Till keys",
    lead: "With one, the till signs each ticket's QR and the customer invoices it by scanning alone, even when the sale \
           arrives later.",
    make: "Create till key",
    make_title: "Create a till key",
    name: "Name",
    name_hint: "The till or point of sale that will use it.",
    branch: "Branch",
    choose: "Choose a branch",
    no_branches: "First add a branch in Settings.",
    made: "Key created. Copy it to the till now: it is not shown again.",
    address: "The QR's text begins with {0}",
    created: "Created",
    end_words: "Tickets already printed with it can no longer be invoiced by their QR; the ticket's data still serve. To \
                renew it only, wait until the last ticket's term is over.",
    none: "There are no till keys yet",
    none_words: "The format, examples in three languages and test values are in the documentation.",
    docs: "How a till signs",
};
