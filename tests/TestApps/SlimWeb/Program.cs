// What CreateSlimBuilder makes: no start-up assemblies, no HTTPS, the fewest services a web application has.

var app = WebApplication.CreateSlimBuilder(args).Build();

app.MapGet("/", () => "Hello World!");

app.Run();
