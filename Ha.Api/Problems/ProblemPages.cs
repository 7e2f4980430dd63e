using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Ha.Api.Problems;

/// <summary>The root of each request: no answer but a success leaves without a problem body.</summary>
internal static class ProblemPages
{
    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = AnswerExceptionAsync,
            SuppressDiagnosticsCallback = _ => true, // logged here, and only when it is unexpected
        });
        app.UseStatusCodePages(page => ProblemMapping.ForStatus(page.HttpContext.Response.StatusCode)
            .ExecuteAsync(page.HttpContext));
    }

    /// <summary>The help text behind each type URI.</summary>
    public static void MapProblemTypes(this WebApplication app) =>
        app.MapGet(ProblemType.Root + "{code}", Help).AllowAnonymous().ExcludeFromDescription();

    private static IResult Help(string code) =>
        ProblemType.All.FirstOrDefault(type => type.Code == code) is { } type
            ? Results.Text($"{type.Title} ({type.Code}, status {type.Status})\n\n{type.Help}\n")
            : new ProblemResult(ProblemType.NotFound, $"There is no problem type '{code}'.");

    private static Task AnswerExceptionAsync(HttpContext context)
    {
        var error = context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Error;
        var problem = ProblemMapping.ForException(error);
        if (problem is null)
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Ha.Api.Requests")
                .RequestFailed(error, context.Request.Method, context.Request.Path.ToUriComponent());
        return (problem ?? ProblemMapping.ForStatus(500)).ExecuteAsync(context);
    }
}
