using System.Text.Json.Nodes;
using Ha.Api.Operations;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Ha.Api.Documentation;

/// <summary>What endpoints say about themselves in metadata: problems, query parameters, key, token.</summary>
internal sealed class OperationRules : IOperationFilter
{
    public const string SecurityScheme = "bearer";

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        AddProblems(operation, context, metadata.OfType<MayAnswer>().SelectMany(answer => answer.Types).Distinct());
        foreach (var known in metadata.OfType<KnownQuery>().SelectMany(query => query.Parameters))
            Describe(operation, known);
        foreach (var inPath in operation.Parameters ?? [])
            if (inPath is OpenApiParameter { In: ParameterLocation.Path, Description: null } parameter)
                parameter.Description = parameter.Name == "name"
                    ? "Name of the node." : "Its id; slashes percent-encoded.";
        if (metadata.OfType<TakesIdempotencyKey>().Any())
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = KeyReading.Header, In = ParameterLocation.Header,
                Description =
                    "Chosen by the client: the same key with the same request is carried out once, for at least a day.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
            });
        }
        if (!metadata.OfType<IAllowAnonymous>().Any())
            (operation.Security ??= []).Add(new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(SecurityScheme, context.Document)] = [],
            });
    }

    private static void AddProblems(
        OpenApiOperation operation, OperationFilterContext context, IEnumerable<ProblemType> types)
    {
        var schema = context.SchemaGenerator.GenerateSchema(typeof(Problem), context.SchemaRepository);
        foreach (var status in types.GroupBy(type => type.Status).OrderBy(group => group.Key))
        {
            (operation.Responses ??= []).Remove(status.Key.ToString());
            operation.Responses.Add(status.Key.ToString(), new OpenApiResponse
            {
                Description = string.Join("\n\n", status.Select(type => $"`{type.Uri}`: {type.Title}.")),
                Content = new Dictionary<string, IOpenApiMediaType>(StringComparer.Ordinal)
                {
                    [ProblemResult.MediaType] = new OpenApiMediaType { Schema = schema },
                },
            });
        }
    }

    private static void Describe(OpenApiOperation operation, KnownParameter known)
    {
        if (operation.Parameters?.OfType<OpenApiParameter>()
            .SingleOrDefault(parameter => parameter.Name == known.Name) is not { } parameter)
            throw new InvalidOperationException($"{operation.OperationId} has no query parameter '{known.Name}'.");
        parameter.Description = known.Description;
        parameter.Required = false;
        if (parameter.Schema is not OpenApiSchema schema) return;
        if (known.Limits is { } limits)
        {
            parameter.Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Minimum = $"{limits.Least}",
                Maximum = $"{limits.Most}",
                Default = limits.Usual,
            };
        }
        else if (!known.Words.IsDefaultOrEmpty)
        {
            var words = (schema.Items as OpenApiSchema) ?? schema;
            words.Enum = [.. known.Words.Select(word => (JsonNode)word)];
        }
    }
}
