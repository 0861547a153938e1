//! Definitions: the expression that makes a tool, a prompt or a resource of a function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::declaration;
use super::framework::Framework;
use super::parameter::Slot;
use crate::model::{Entry, Kind};

/// Where the function is called.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    /// By its own name.
    Nobody,
    /// As a method of `Self`; the shared value has this name.
    Shared(&'a Ident),
}

/// The expression that makes the definition.
pub(super) fn definition(entry: &Entry, owner: Owner<'_>, framework: &Framework) -> TokenStream {
    let slots: Vec<Slot<'_>> = entry.function.parameters.iter().enumerate().map(|(i, p)| Slot::new(i, p)).collect();
    let declared = slots.iter().map(|slot| slot.declare(entry.kind, framework));
    let described = slots.iter().map(|slot| slot.describe(entry.kind));
    let spec = declaration::spec(entry, framework);
    let definition = framework.definition(entry.kind);
    let output = &entry.function.output;
    let output = (entry.kind == Kind::Tool).then(|| {
        let framework = framework.at(output.span());
        quote_spanned!(output.span()=> #framework::output::<#output>(),)
    });
    let forms = &entry.function.forms;
    let forms = (!forms.is_empty()).then(|| {
        let checked = forms.iter().map(|form| {
            let framework = framework.at(form.span());
            quote_spanned!(form.span()=> #framework::form::<#form>())
        });
        quote!(.with_forms(::std::vec![#(#checked),*]))
    });
    let runner = runner(entry, &slots, owner, framework);
    quote! {{
        #[allow(unused_imports, reason = "without parameters there is nothing to tell apart")]
        use #framework::{SlotArgument as _, SlotInject as _, SlotState as _, SlotWhole as _};
        #(#declared)*
        #definition::new(#spec, ::std::vec![#(#described),*], #output #runner)#forms
    }}
}

/// The expression that makes the runner.
fn runner(entry: &Entry, slots: &[Slot<'_>], owner: Owner<'_>, framework: &Framework) -> TokenStream {
    let function = &entry.function;
    let call = Ident::new("__call", Span::mixed_site());
    let taken = slots.iter().map(|slot| slot.take(entry.kind, &call, framework));
    let values = slots.iter().map(|slot| &slot.value);
    let ident = &function.ident;
    let called = match owner {
        Owner::Shared(this) if function.has_receiver => quote!(Self::#ident(&#this, #(#values),*)),
        Owner::Shared(_) => quote!(Self::#ident(#(#values),*)),
        Owner::Nobody => quote!(#ident(#(#values),*)),
    };
    let called = if function.is_async { quote!(#called.await) } else { called };
    let (judge, method) = match entry.kind {
        Kind::Tool => (quote!(IntoOutcome), quote!(into_outcome)),
        Kind::Prompt => (quote!(IntoMessages), quote!(into_messages)),
        Kind::Resource => (quote!(IntoContents), quote!(into_contents)),
    };
    let output = &function.output;
    let judge = {
        let framework = framework.at(output.span());
        quote_spanned!(output.span()=> <#output as #framework::#judge>::#method)
    };
    // The call is dropped before the function runs, so that its arguments are not held through the wait.
    let body = quote! {
        #(#taken)*
        ::core::mem::drop(#call);
        #judge(#called)
    };
    let mutable = (!slots.is_empty()).then(|| quote!(mut));
    let parameter = quote!(#mutable #call: #framework::ToolCall);
    if !function.is_async {
        let mode = if entry.declaration.inline { quote!(inline) } else { quote!(blocking) };
        return quote!(#framework::Runner::#mode(move |#parameter| { #body }));
    }
    let shared = match owner {
        Owner::Shared(this) if function.has_receiver => quote!(let #this = ::std::sync::Arc::clone(&#this);),
        Owner::Shared(_) | Owner::Nobody => TokenStream::new(),
    };
    // A future that cannot be sent to another thread is reported at the function's name.
    let placed = framework.at(ident.span());
    quote_spanned! {ident.span()=>
        #placed::Runner::future(move |#parameter| { #shared async move { #body } })
    }
}
