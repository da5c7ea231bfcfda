import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.RollingFileAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import sun.misc.Signal;

/**
 * Writes lines `WRITER SERIAL PAYLOAD` (serials from 0) to FOLDER/WRITER.log through log4j2's RollingFile appender, which rolls over by size.
 *
 * Log4j2 FOLDER WRITER [--pattern SUFFIX] [--file-index min|max|nomax] [--max-bytes N] [--pace N] [--lines N] [--keep N] [--seed N] [--driven true]
 * SUFFIX comes after the file's name: `.%i`, or `.%i.gz`, which packs at once in a thread of its own. Standard output: one JSON event a line, as the other
 * writers'. SIGTERM finishes the line. Driven: nothing by itself, but what standard input says, a line each: `=TEXT` is a line to write, `!` rolls over, `?` is
 * answered with {"event":"here"} when all before it is done; its end is the end.
 */
public final class Log4j2 {
  private static volatile boolean stopping = false;

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new TreeMap<>(Map.of("pattern", ".%i.gz", "file-index", "max", "max-bytes", "65536",
        "pace", "500", "lines", "0", "keep", "500", "seed", "1"));
    options.put("driven", "false");
    for (int at = 2; at + 1 < args.length; at += 2) options.put(args[at].substring(2), args[at + 1]);
    String path = args[0] + "/" + args[1] + ".log";
    // The library's own hook would close the appender under the line that is being written.
    Signal.handle(new Signal("TERM"), signal -> stopping = true);
    LoggerContext context = start(path, options);
    if (options.get("driven").equals("true")) {
      obey(context.getRootLogger(), appenderOf(context));
      Configurator.shutdown(context, 60, java.util.concurrent.TimeUnit.SECONDS);
      System.exit(0);
    }
    int last = write(context.getRootLogger(), args[1], options, appenderOf(context));
    // Waits for the thread that packs.
    Configurator.shutdown(context, 60, java.util.concurrent.TimeUnit.SECONDS);
    say("{\"event\":\"done\",\"last\":" + last + "}");
    System.exit(0);
  }

  private static LoggerContext start(String path, Map<String, String> options) {
    var builder = ConfigurationBuilderFactory.newConfigurationBuilder();
    builder.setShutdownHook("disable");
    builder.setStatusLevel(Level.WARN);
    builder.add(builder.newAppender("rolling", "RollingFile")
        .addAttribute("fileName", path)
        .addAttribute("filePattern", path + options.get("pattern"))
        .add(builder.newLayout("PatternLayout").addAttribute("pattern", "%m%n").addAttribute("charset", "UTF-8"))
        .addComponent(builder.newComponent("Policies")
            .addComponent(builder.newComponent("SizeBasedTriggeringPolicy").addAttribute("size", options.get("max-bytes"))))
        .addComponent(builder.newComponent("DefaultRolloverStrategy")
            .addAttribute("fileIndex", options.get("file-index"))
            .addAttribute("max", options.get("keep"))));
    builder.add(builder.newRootLogger(Level.INFO).add(builder.newAppenderRef("rolling")));
    return Configurator.initialize(builder.build());
  }

  private static RollingFileAppender appenderOf(LoggerContext context) {
    return context.getConfiguration().getAppender("rolling");
  }

  /** Does what standard input says, to its end. */
  private static void obey(Logger logger, RollingFileAppender appender) throws Exception {
    var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String command; (command = commands.readLine()) != null;) {
      if (command.equals("!")) appender.getManager().rollover();
      else if (command.equals("?")) say("{\"event\":\"here\"}");
      else logger.info(command.substring(1));
    }
  }

  /** Number of the last line. */
  private static int write(Logger logger, String writer, Map<String, String> options, RollingFileAppender appender) throws Exception {
    Random random = new Random(Long.parseLong(options.get("seed")));
    double pace = Double.parseDouble(options.get("pace"));
    int lines = Integer.parseInt(options.get("lines"));
    long begun = System.nanoTime();
    long born = appender.getManager().getFileTime();
    int serial = -1;
    while (!stopping && (lines == 0 || serial + 1 < lines)) {
      serial++;
      logger.info(writer + " " + serial + " " + "x".repeat(1 + random.nextInt(200)));
      if (serial % 100 == 0) say("{\"event\":\"wrote\",\"serial\":" + serial + "}");
      // A rollover makes a file with a time of its own.
      if (appender.getManager().getFileTime() != born) {
        born = appender.getManager().getFileTime();
        say("{\"event\":\"rotated\",\"from\":\"" + appender.getFileName() + "\"}");
      }
      double ahead = pace > 0 ? (serial + 1) / pace - (System.nanoTime() - begun) / 1e9 : 0;
      if (ahead > 0.02) Thread.sleep((long) (ahead * 1000));
      // A stop is not made up for: a file that is written and rolled over within milliseconds is one that no scan may see (README, limits).
      else if (ahead < -0.1) begun -= (long) (ahead * 1e9);
    }
    return serial;
  }

  private static void say(String event) {
    System.out.println(event);
    System.out.flush();
  }
}
