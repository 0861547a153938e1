//! Lists: what stands in `tools![…]`, `prompts![…]` and `resources![…]`.

use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Path, Token};

use crate::error::Errors;
use crate::model::Kind;

/// The paths of annotated functions.
#[derive(Default)]
pub(crate) struct List {
    pub(crate) krate: Option<Path>,
    pub(crate) entries: Vec<Listed>,
}

/// One path, and under which conditions of compilation it is there.
pub(crate) struct Listed {
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) path: Path,
}

/// Reads a list: `a, b::c`, behind `crate = path;` where the framework has another name.
pub(crate) fn read(kind: Kind, tokens: proc_macro2::TokenStream, errors: &mut Errors) -> List {
    let mut list = List::default();
    let Some(parsed) = errors.keep(syn::parse2::<Parsed>(tokens)) else { return list };
    list.krate = parsed.krate;
    for (conditions, expression) in parsed.entries {
        let path = match expression {
            Expr::Path(path) if path.qself.is_none() => path.path,
            other => {
                let (word, macro_name) = (kind.word(), kind.list());
                let message = format!(
                    "`{macro_name}!` lists functions with `#[{word}]` by their paths, as `{macro_name}![search]`; \
                     a value whose type has `#[items]` goes to the server's `{macro_name}` by itself"
                );
                errors.on(other, message);
                continue;
            }
        };
        let spelled = |path: &Path| path.to_token_stream().to_string();
        let is_there = |other: &Listed| spelled(&other.path) == spelled(&path);
        if conditions.is_empty() && list.entries.iter().any(|other| other.conditions.is_empty() && is_there(other)) {
            errors.on(&path, format!("`{}` stands twice in this list: remove one", spelled(&path).replace(' ', "")));
            continue;
        }
        list.entries.push(Listed { conditions, path });
    }
    list
}

struct Parsed {
    krate: Option<Path>,
    entries: Vec<(Vec<Attribute>, Expr)>,
}

impl Parse for Parsed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut krate = None;
        if input.peek(Token![crate]) && input.peek2(Token![=]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            krate = Some(input.parse()?);
            input.parse::<Token![;]>()?;
        }
        let mut entries = Vec::new();
        while !input.is_empty() {
            entries.push((input.call(Attribute::parse_outer)?, input.parse()?));
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self { krate, entries })
    }
}
