<?php
// The settings of a wiki. What one wiki has and another has not stands in wiki.json beside this file, what is secret in the files of a
// Secret, and what a user adds in extra.php.
if ( !defined( 'MEDIAWIKI' ) ) {
	exit;
}

$wiki = json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR );
$secret = static fn ( string $name ): string => file_get_contents( "/etc/mediawiki-secrets/$name" );

$wgSitename = trim( $wiki['siteName'] );
$wgLanguageCode = $wiki['language'];
$wgLocaltimezone = $wiki['timezone'];
date_default_timezone_set( $wgLocaltimezone );

// The migration has no address: nothing it does is sent to a reader.
$wgServer = getenv( 'MEDIAWIKI_SERVER' ) ?: 'http://localhost';
$wgScriptPath = '';
$wgArticlePath = '/wiki/$1';
$wgUsePathInfo = true;

$wgDBtype = 'mysql';
$wgDBserver = "{$wiki['database']['host']}:{$wiki['database']['port']}";
$wgDBname = $wiki['database']['name'];
$wgDBuser = $secret( 'database-user' );
$wgDBpassword = $secret( 'database-password' );
$wgDBTableOptions = 'ENGINE=InnoDB, DEFAULT CHARSET=binary';

$wgSecretKey = $secret( 'secret-key' );
$wgUpgradeKey = $secret( 'upgrade-key' );
$wgAuthenticationTokenVersion = '1';
// Cookies do not know ports: with the same names, two wikis on one host would end each other's sessions.
$wgCookiePrefix = $wiki['cookies'];

// What one Pod writes, every other sees, the job runner too: no cache of a Pod's own holds what can change.
$wgMemCachedServers = [ $wiki['objectCache'] ];
// Bytes. To compress a small value, as MediaWiki does at its highest level, takes longer than all that is asked of memcached at a save.
$wgObjectCaches[CACHE_MEMCACHED]['compress_threshold'] = 16 * 1024;
$wgMainCacheType = CACHE_MEMCACHED;
$wgMessageCacheType = CACHE_MEMCACHED;
$wgParserCacheType = CACHE_MEMCACHED;
// Users stay logged in, whatever becomes of memory.
require __DIR__ . '/sessions.php';
$wgObjectCaches['sessions'] = [ 'class' => SessionStore::class, 'loggroup' => 'SQLBagOStuff' ];
$wgSessionCacheType = 'sessions';
// Messages alone are remembered by each Pod too, by a hash of all of them that it asks the others' cache for.
$wgUseLocalMessageCache = true;
// Make settings and address, which links may contain, part of the parser cache's keys. A date, which is MediaWiki's own way, would differ
// from Pod to Pod.
$wgInvalidateCacheOnLocalSettingsChange = false;
$wgRenderHashAppend = '!stack=' . getenv( 'MEDIAWIKI_GATE' ) . '!server=' . md5( $wgServer );
// A page that many ask for at once is rendered once. Seconds; who has waited longer has it rendered too.
require __DIR__ . '/poolcounter.php';
$wgPoolCounterConf['ArticleView'] = [ 'class' => DatabasePoolCounter::class, 'timeout' => 15, 'workers' => 1, 'maxqueue' => 0 ];
// Messages of a language do not change while a Pod lives.
$wgCacheDirectory = '/tmp/mediawiki';
$wgLocalisationCacheConf['store'] = 'array';

// Caches keep a page until they are told that it has changed, and nothing that they are not told of.
if ( $wiki['caches'] ) {
	$wgUseCdn = true;
	$wgCdnServers = $wiki['caches'];
	// Purges are sent to addresses that begin with this. MediaWiki would ask a cache for a tunnel to an https address, which is refused.
	$wgInternalServer = preg_replace( '#^https:#i', 'http:', $wgServer );
	$wgCdnMaxAge = 3600;
	$wgHooks['BeforePageDisplay'][] = static function ( $out ) {
		$told = MediaWiki\MediaWikiServices::getInstance()->getHtmlCacheUpdater()->getUrls( $out->getTitle() );
		if ( !$out->getRequest()->matchURLForCDN( $told ) ) {
			$out->lowerCdnMaxage( 0 );
		}
	};
}

// Policies drop packets to every other address, and a request would wait for its timeout. Without destinations it fails at once instead: it
// is sent to a proxy at a port where nothing listens. Purges of caches have proxies of their own.
if ( !$wiki['egress'] ) {
	$wgHTTPProxy = 'http://127.0.0.1:9';
}
$wgHTTPConnectTimeout = $wiki['egress'] ? 2.0 : 1.0; // also that of a purge of a cache that is gone

// While the schema changes nobody writes but the migration. It marks the version of MediaWiki that has to wait.
if ( getenv( 'MEDIAWIKI_ROLE' ) !== 'migration' ) {
	$wgReadOnlyFile = '/var/www/html/images/.read-only-' . MW_VERSION;
}

$wgJobRunRate = 0; // jobs have a Deployment of their own

$wgEnableUploads = $wiki['uploads']['enabled'];
$wgFileExtensions = $wiki['uploads']['types'];
$wgMaxUploadSize = $wiki['uploads']['maxSize'] * 1024 * 1024;
$wgUseImageMagick = true;
$wgImageMagickConvertCommand = '/usr/bin/convert';
$wgSVGConverter = 'rsvg';
$wgTmpDirectory = '/tmp';
$wgMaxShellMemory = 524288; // KiB of address space, of which ImageMagick asks for more than it uses

if ( $wiki['access'] !== 'public' ) {
	$wgGroupPermissions['*']['edit'] = false;
	$wgGroupPermissions['*']['createaccount'] = false;
}
if ( $wiki['access'] === 'private' ) {
	$wgGroupPermissions['*']['read'] = false;
	$wgUploadPath = '/img_auth.php'; // which asks who reads; the web server denies the folder itself
}

$wgEnableEmail = $wiki['mail']['host'] !== '';
$wgEnableUserEmail = $wgEnableEmail;
if ( $wgEnableEmail ) {
	$wgEmergencyContact = $wgPasswordSender = $wiki['mail']['from'];
	$wgSMTP = require __DIR__ . '/smtp.php';
	$wgSMTP['IDHost'] = parse_url( $wgServer, PHP_URL_HOST );
	// MediaWiki tells at most the user why a mail was not sent. PEAR reports each such error with one of its own codes.
	$wgHooks['UserMailerTransformMessage'][] = static function () {
		PEAR::setErrorHandling( PEAR_ERROR_CALLBACK, static function ( $error ) {
			if ( $error->getCode() >= 10000 ) {
				error_log( 'A mail was not sent: ' . $error->getMessage() );
			}
		} );
	};
}

foreach ( $wiki['skins'] as $name ) {
	wfLoadSkin( $name );
}
$wgDefaultSkin = $wiki['skin'];
foreach ( $wiki['extensions'] as $name ) {
	wfLoadExtension( $name );
}

// The migration asks which files a page is made of.
if ( getenv( 'MEDIAWIKI_USED' ) ) {
	register_shutdown_function( static function () {
		file_put_contents( getenv( 'MEDIAWIKI_USED' ), implode( "\n", get_included_files() ) . "\n", FILE_APPEND );
	} );
}

// What readers are told is an internal error stands in the container's log: of a query what the database said, without the values in it.
$wgHooks['LogException'][] = static function ( $e ) {
	if ( !$e instanceof ErrorException ) { // which PHP logs itself
		$reason = $e instanceof Wikimedia\Rdbms\DBQueryError ? $e->error : $e->getMessage();
		error_log( get_class( $e ) . ": $reason ({$e->getFile()}:{$e->getLine()})" );
	}
};

// Links go on to work that have a namespace's former name, of another siteName or language.
if ( is_file( '/tmp/namespaces.json' ) ) {
	$names = json_decode( file_get_contents( '/tmp/namespaces.json' ), true );
	$wgMetaNamespace = $names['project'] ?: $wgMetaNamespace;
	$wgNamespaceAliases += $names['aliases'];
}

// An import tries a wiki in a database that is thrown away. Nothing of it may come into the caches of the one that runs.
if ( getenv( 'MEDIAWIKI_ASIDE' ) ) {
	$wgDBserver = 'localhost:' . getenv( 'MEDIAWIKI_ASIDE' );
	$wgDBname = 'wiki';
	$wgMainCacheType = $wgMessageCacheType = $wgParserCacheType = CACHE_NONE;
	$wgUseCdn = false;
}

$wgPingback = false;
unset( $wiki, $secret, $name, $names );

// The migration ends if extra.php changes what other parts of the stack rely on.
if ( getenv( 'MEDIAWIKI_ROLE' ) === 'migration' ) {
	require_once __DIR__ . '/owned.php';
	$mediawikiStackOwned = new OwnedSettings();
}
require __DIR__ . '/extra.php';
if ( isset( $mediawikiStackOwned ) ) {
	$mediawikiStackOwned->check();
}
