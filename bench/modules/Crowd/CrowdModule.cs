// What is there beside the module that is measured: as many endpoints as its configuration asks for.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Crowd;

public sealed class CrowdModule : IModule
{
    private int _endpoints;

    public void ConfigureServices(IServiceCollection services, IModuleContext context) =>
        _endpoints = context.Configuration.GetValue("Endpoints", 1);

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        for (var i = 0; i < _endpoints; i++)
            endpoints.MapGet($"/part-{i % 100}/endpoint-{i}/{{id}}", static context => context.Response.WriteAsync("crowd"));
    }
}
