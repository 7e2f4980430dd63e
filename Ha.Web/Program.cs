using Ha.Web;

return await WebApplicationRun.RunAsync(args);
