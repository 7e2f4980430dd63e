using Ha.Web.Client;
using Ha.Web.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace Ha.Web.Components.Pages;

/// <summary>Asks for the API token. Rendered without a circuit, because it sets the cookie.</summary>
public sealed partial class SignIn
{
    private SignInRefusal? _refusal;

    [Inject]
    private FeedPool Pool { get; set; } = default!;

    [Inject]
    private SignInGate Gate { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "sign-in")]
    private string? Token { get; set; }

    [SupplyParameterFromQuery]
    private bool Expired { get; set; }

    private SignInRefusal? Refusal => _refusal
        ?? (Expired ? new SignInRefusal("This form was too old. Sign in again.", []) : null);

    private async Task SignInAsync()
    {
        var address = Context.Connection.RemoteIpAddress?.ToString() ?? "";
        _refusal = await Gate.CheckAsync(Token?.Trim(), address, Context.RequestAborted);
        if (_refusal is null)
        {
            await Context.SignInAsync(Session.Begin(Token!.Trim(), Time.GetUtcNow()));
            Navigation.NavigateTo("/");
        }
    }
}
