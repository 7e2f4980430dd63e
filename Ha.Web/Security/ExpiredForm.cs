namespace Ha.Web.Security;

/// <summary>
/// A sign-in form that was opened before the cookie keys changed fails its antiforgery check, which ends in a bare 400.
/// Sends the person to a new form instead, which says why.
/// </summary>
internal sealed class ExpiredForm(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        var failedSignIn = context.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false }
            && HttpMethods.IsPost(context.Request.Method)
            && context.Request.Path.StartsWithSegments("/sign-in");
        if (failedSignIn)
        {
            context.Response.Redirect("/sign-in?expired=true");
        }
    }
}
