using Midstream.Modules;

var builder = WebApplication.CreateBuilder(args);
builder.AddModules("modules", options =>
{
    // options.Shared.Add(typeof(IContract).Assembly): what host and modules have one copy of.
    // options.Lent.Add(typeof(IContract)): singletons of the host that modules get.
    options.DataFolder = builder.Configuration["Modules:Data"];
});

var app = builder.Build();
app.MapGet("/", (ModuleHost modules) => string.Join('\n', modules.Status.Select(module => $"{module.Name} at {module.Path}")));
app.Run();
