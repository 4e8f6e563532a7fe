/** Style sheets that the bundler takes from the font packages. */
declare module "@fontsource-variable/*/wght.css";
