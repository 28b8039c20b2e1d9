// A module with MVC controllers: binding, validation and JSON by reflection, as most controllers have them.

using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Pages;

public sealed class PagesModule : IModule
{
    public IReadOnlyList<WarmUpRequest> WarmUp { get; } =
    [
        new("/page/1?words=a&words=b"),
        new("/page") { Method = "POST", Body = """{"title":"t","length":3}""" },
    ];

    public void ConfigureServices(IServiceCollection services, IModuleContext context) =>
        services.AddControllers().AddApplicationPart(typeof(PagesModule).Assembly);

    public void MapEndpoints(IEndpointRouteBuilder endpoints) => endpoints.MapControllers();
}

[ApiController]
[Route("page")]
public sealed class PageController(IModuleContext context) : ControllerBase
{
    [HttpGet("{number:int}")]
    public ActionResult<Page> Get(int number, [FromQuery] string[] words) =>
        new Page { Title = string.Join(' ', words), Length = number, Generation = context.Generation };

    [HttpPost]
    public ActionResult<Page> Post(Page page)
    {
        ArgumentNullException.ThrowIfNull(page);
        page.Generation = context.Generation;
        return page;
    }
}

public sealed class Page
{
    [Required, StringLength(20)]
    public string? Title { get; set; }

    [Range(0, 1000)]
    public int Length { get; set; }

    public long Generation { get; set; }
}
