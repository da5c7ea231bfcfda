import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.Build;
import org.elasticsearch.action.admin.indices.create.AutoCreateAction;
import org.elasticsearch.action.admin.indices.create.CreateIndexRequest;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.AbstractHttpServerTransport;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginBundle;
import org.elasticsearch.plugins.PluginsLoader;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.action.RestToXContentListener;

/**
 * Launch HOME DATA [setting=value ...]: one real Elasticsearch node in this process, from the jars that are published on Maven Central.
 * The modules that answer GET / and PUT /_data_stream/NAME are not published: the two endpoints are added here, on the server's own actions.
 */
public final class Launch {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Map<String, String> settings = new HashMap<>();
        settings.put("path.home", home.toString());
        settings.put("path.data", args[1]);
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        LogConfigurator.configureESLogging();
        Environment environment =
            InternalSettingsPreparer.prepareEnvironment(Settings.EMPTY, settings, home.resolve("config"), () -> "test");
        LogConfigurator.configure(environment, true);

        // The step that exports server packages works only from named modules; from the class path nothing needs exporting.
        Node node = new Node(environment, PluginsLoader.createPluginsLoader(modulesIn(home.resolve("modules")), Set.of(), Map.of(), false));
        addEndpoints(controllerOf(node), settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        Thread.currentThread().join();
    }

    private static void addEndpoints(RestController rest, Map<String, String> settings) {
        String info = "{\"name\":\"%s\",\"cluster_name\":\"%s\",\"version\":{\"number\":\"%s\",\"build_flavor\":\"default\"},\"tagline\":\"You Know, for Search\"}"
            .formatted(settings.get("node.name"), settings.get("cluster.name"), Build.current().version());
        rest.registerHandler(answer("/", RestRequest.Method.GET, (request, channel, client) -> reply(channel, info)));
        rest.registerHandler(answer("/", RestRequest.Method.HEAD, (request, channel, client) -> reply(channel, "")));
        rest.registerHandler(answer("/_data_stream/{name}", RestRequest.Method.PUT, (request, channel, client) ->
            client.execute(AutoCreateAction.INSTANCE, new CreateIndexRequest(request.param("name")), new RestToXContentListener<>(channel))));
    }

    private static void reply(RestChannel channel, String json) {
        channel.sendResponse(new RestResponse(RestStatus.OK, "application/json", json));
    }

    private static RestController controllerOf(Node node) throws Exception {
        var dispatcher = AbstractHttpServerTransport.class.getDeclaredField("dispatcher");
        dispatcher.setAccessible(true);
        return (RestController) dispatcher.get(node.injector().getInstance(HttpServerTransport.class));
    }

    @SuppressWarnings("unchecked") // takes (Path) in 8.x and (Path, boolean) in 9.x
    private static Set<PluginBundle> modulesIn(Path folder) throws Exception {
        for (Method method : PluginsLoader.class.getMethods()) {
            if (!method.getName().equals("loadModulesBundles")) continue;
            return (Set<PluginBundle>) (method.getParameterCount() == 1 ? method.invoke(null, folder) : method.invoke(null, folder, false));
        }
        throw new NoSuchMethodException("loadModulesBundles");
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    private interface Answer {
        void to(RestRequest request, RestChannel channel, NodeClient client) throws Exception;
    }

    private static RestHandler answer(String path, RestRequest.Method method, Answer answer) {
        return new RestHandler() {
            @Override
            public List<Route> routes() {
                return List.of(new Route(method, path));
            }

            @Override
            public void handleRequest(RestRequest request, RestChannel channel, NodeClient client) throws Exception {
                answer.to(request, channel, client);
            }
        };
    }
}
