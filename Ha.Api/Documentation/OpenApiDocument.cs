using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Ha.Api.Documentation;

/// <summary>
/// The OpenAPI document at /openapi/v1.json and its reader at /swagger: both describe the product, not the cluster.
/// </summary>
internal static class OpenApiDocument
{
    private const string Name = "v1";

    public static void AddTo(IServiceCollection parts)
    {
        // The same spelling as the answers: the generator would read the options of MVC, which is not used here.
        parts.AddTransient<ISerializerDataContractResolver>(provider => new JsonSerializerDataContractResolver(
            provider.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions));
        parts.AddEndpointsApiExplorer();
        parts.AddSwaggerGen(swagger =>
        {
            swagger.SwaggerDoc(Name, new OpenApiInfo
            {
                Title = "HaAppliance API",
                Version = Name,
                Description = "One node's view of the cluster, and the commands that steer it. Every answer that is " +
                    "no success is application/problem+json; its 'type' leads to a help text. Enumerations may grow.",
            });
            swagger.AddSecurityDefinition(OperationRules.SecurityScheme, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The token that the first start of ha-api printed.",
            });
            swagger.DescribeAllParametersInCamelCase();
            swagger.SupportNonNullableReferenceTypes();
            swagger.NonNullableReferenceTypesAsRequired();
            swagger.CustomSchemaIds(SchemaName);
            foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "*.xml")
                .Where(file => Path.GetFileName(file) is "Ha.Core.xml" or "ha-api.xml"))
                swagger.IncludeXmlComments(file);
            swagger.SchemaFilter<SchemaRules>();
            swagger.OperationFilter<OperationRules>();
        });
    }

    public static void UseOpenApiDocument(this WebApplication app)
    {
        app.UseSwagger(swagger =>
        {
            swagger.RouteTemplate = "openapi/{documentName}.json";
            swagger.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        });
        app.UseSwaggerUI(swagger =>
        {
            swagger.RoutePrefix = "swagger";
            swagger.DocumentTitle = "HaAppliance API";
            swagger.SwaggerEndpoint($"/openapi/{Name}.json", Name);
        });
    }

    private static string SchemaName(Type type) => type.IsGenericType
        ? string.Concat(type.GetGenericArguments().Select(SchemaName)) + type.Name.Split('`')[0]
        : type.Name;
}
