<?php
// Identical for every wiki. The values of one wiki come from wiki.json, secrets from the mounted Secret, and the user's own PHP from
// extra.php.
if ( !defined( 'MEDIAWIKI' ) ) {
	exit;
}

$wiki = json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR );
$secret = static fn ( string $name ): string => file_get_contents( "/etc/mediawiki-secrets/$name" );

$wgSitename = trim( $wiki['siteName'] );
$wgLanguageCode = $wiki['language'];
$wgLocaltimezone = $wiki['timezone'];
date_default_timezone_set( $wgLocaltimezone );

// The migration has no address: it sends nothing to readers.
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
// Queries of two of MediaWiki's groups, the slow ones of special pages and those of XML dumps, go to the second database if it answers and
// is at most six seconds behind, which is MediaWiki's default. Other reads go to the first one, because Varnish keeps what they return: a
// page that is rendered after a purge must be the new one.
if ( getenv( 'DATABASE_REPLICA' ) ) {
	$server = [ 'type' => $wgDBtype, 'user' => $wgDBuser, 'password' => $wgDBpassword, 'dbname' => $wgDBname, 'useGTIDs' => true ];
	// MediaWiki chooses at random by these weights. A server whose weight is zero is not chosen even if the other one does not answer.
	$slow = static fn ( $weight ) => [ 'groupLoads' => [ 'vslow' => $weight, 'dump' => $weight ] ];
	$wgDBservers = [
		[ 'host' => $wgDBserver, 'load' => 1 ] + $slow( 1 ) + $server,
		[ 'host' => getenv( 'DATABASE_REPLICA' ), 'load' => 0, 'connectTimeout' => 1 ] + $slow( 1000000 ) + $server,
	];
	// With the default monitor, all queries would fail for up to a minute after the first database has not answered once.
	$wgLBFactoryConf['loadMonitor'] = [ 'class' => Wikimedia\Rdbms\LoadMonitorNull::class ];
}

$wgSecretKey = $secret( 'secret-key' );
$wgUpgradeKey = $secret( 'upgrade-key' );
$wgAuthenticationTokenVersion = '1';
// Browsers send cookies to all ports of a host: two wikis with the same cookie names on one host would end each other's sessions.
$wgCookiePrefix = $wiki['cookies'];

// All Pods share memcached, so that each sees what the others write. No cache inside a Pod holds anything that can change.
$wgMemCachedServers = [ $wiki['objectCache'] ];
$wgAutoloadClasses['OutdatedCaches'] = __DIR__ . '/OutdatedCaches.php';
require __DIR__ . '/SharedMemcached.php';
$wgObjectCaches[CACHE_MEMCACHED]['class'] = SharedMemcached::class;
// Seconds, for each of two attempts. Requests wait for it while memcached's node is lost.
$wgObjectCaches[CACHE_MEMCACHED]['connect_timeout'] = 0.1;
// Bytes. MediaWiki compresses at its highest level; for small values this takes longer than all memcached requests of a save.
$wgObjectCaches[CACHE_MEMCACHED]['compress_threshold'] = 16 * 1024;
$wgMainCacheType = CACHE_MEMCACHED;
$wgMessageCacheType = CACHE_MEMCACHED;
$wgParserCacheType = CACHE_MEMCACHED;
// Sessions are in the database, so that users stay logged in when memcached restarts.
require __DIR__ . '/SessionStore.php';
$wgObjectCaches['sessions'] = [ 'class' => SessionStore::class, 'loggroup' => 'SQLBagOStuff' ];
$wgSessionCacheType = 'sessions';
// Each Pod also keeps messages locally, under a hash of all messages that it reads from memcached.
$wgUseLocalMessageCache = true;
// Make the revision and the address, which links may contain, part of the parser-cache key. MediaWiki would use this file's
// modification time, which differs between Pods.
$wgInvalidateCacheOnLocalSettingsChange = false;
$wgRenderHashAppend = '!stack=' . getenv( 'MEDIAWIKI_REVISION' ) . '!server=' . md5( $wgServer );
// When many readers request a page at once, one Pod renders it and the others wait. After the timeout, in seconds, they render it, too.
require __DIR__ . '/DatabasePoolCounter.php';
$wgPoolCounterConf['ArticleView'] = [ 'class' => DatabasePoolCounter::class, 'timeout' => 15, 'workers' => 1, 'maxqueue' => 0 ];
// Jobs find the pages that use a template now, not those that used it up to an hour ago.
$wgHooks['MediaWikiServices'][] = static function ( $services ) {
	$services->addServiceManipulator( 'BacklinkCacheFactory', static function ( $factory, $services ) {
		require_once __DIR__ . '/CurrentBacklinks.php';
		return new CurrentBacklinks( $factory, $services->getMainWANObjectCache() );
	} );
};
$wgAutoloadClasses['PromptCacheUpdate'] = __DIR__ . '/PromptCacheUpdate.php';
$wgJobClasses['htmlCacheUpdate'] = 'PromptCacheUpdate';
// The messages of a language do not change during the life of a Pod.
$wgCacheDirectory = '/tmp/mediawiki';
$wgLocalisationCacheConf['store'] = 'array';

// Varnish may keep pages whose changes MediaWiki purges, and nothing else.
if ( $wiki['caches'] ) {
	$wgUseCdn = true;
	$wgCdnMaxAge = 3600;
	$wgAutoloadClasses['CachePurger'] = __DIR__ . '/CachePurger.php';
	$wgEventRelayerConfig['cdn-url-purges'] = [ 'class' => CachePurger::class, 'caches' => $wiki['caches'] ];
	// These lists of pages and changes are the same for all readers. Each recorded change purges them.
	$lists = static function () {
		$factory = MediaWiki\MediaWikiServices::getInstance()->getSpecialPageFactory();
		$titles = array_map( [ $factory, 'getTitleForAlias' ], [ 'Allpages', 'Newimages', 'Newpages', 'Recentchanges' ] );
		return array_map( static fn ( $title ) => $title->getInternalURL(), array_values( array_filter( $titles ) ) );
	};
	$wgHooks['RecentChange_save'][] = static function () use ( $lists ) {
		MediaWiki\MediaWikiServices::getInstance()->getHtmlCacheUpdater()->purgeUrls( $lists() );
	};
	$wgHooks['BeforePageDisplay'][] = static function ( $out ) use ( $lists ) {
		$purged = MediaWiki\MediaWikiServices::getInstance()->getHtmlCacheUpdater()->getUrls( $out->getTitle() );
		if ( $out->getTitle()->isSpecialPage() && $out->getRequest()->matchURLForCDN( $lists() ) ) {
			$out->setCdnMaxage( 10 );
		} elseif ( !$out->getRequest()->matchURLForCDN( $purged ) ) {
			$out->lowerCdnMaxage( 0 );
		}
	};
}

// NetworkPolicies drop packets to other addresses, so that requests would wait until they time out. If egress has no destinations,
// requests fail at once instead: they go to a proxy on a port where nothing listens. Purge requests use proxies of their own.
if ( !$wiki['egress'] ) {
	$wgHTTPProxy = 'http://127.0.0.1:9';
}
$wgHTTPConnectTimeout = $wiki['egress'] ? 2.0 : 1.0;

// While the schema changes, only the migration may write. The file makes one version of MediaWiki read-only, see ReadOnlyMode.
if ( getenv( 'MEDIAWIKI_ROLE' ) !== 'migration' ) {
	$wgReadOnlyFile = '/var/www/html/images/.read-only-' . MW_VERSION;
}

if ( PHP_SAPI !== 'cli' ) {
	require_once __DIR__ . '/RequestMetrics.php';
	RequestMetrics::begin();
}

$wgJobRunRate = 0; // a Deployment of its own runs jobs

$wgEnableUploads = $wiki['uploads']['enabled'];
$wgFileExtensions = $wiki['uploads']['types'];
$wgMaxUploadSize = $wiki['uploads']['maxSize'] * 1024 * 1024;
$wgUseImageMagick = true;
$wgImageMagickConvertCommand = '/usr/bin/convert';
$wgSVGConverter = 'rsvg';
$wgTmpDirectory = '/tmp';
$wgMaxShellMemory = 524288; // KiB of address space; ImageMagick reserves more than it uses

if ( $wiki['access'] !== 'public' ) {
	$wgGroupPermissions['*']['edit'] = false;
	$wgGroupPermissions['*']['createaccount'] = false;
}
if ( $wiki['access'] === 'private' ) {
	$wgGroupPermissions['*']['read'] = false;
	$wgUploadPath = '/img_auth.php'; // checks the reader's rights; the web server denies the folder itself
}

$wgEnableEmail = $wiki['mail']['host'] !== '';
$wgEnableUserEmail = $wgEnableEmail;
if ( $wgEnableEmail ) {
	$wgEmergencyContact = $wgPasswordSender = $wiki['mail']['from'];
	$wgSMTP = require __DIR__ . '/smtp.php';
	$wgSMTP['IDHost'] = parse_url( $wgServer, PHP_URL_HOST );
	// MediaWiki does not log why a mail was not sent. PEAR reports such errors with codes from 10000.
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
$wgVectorResponsive = true; // without it, phones show a page of 1120 pixels in vector-2022
$logo = $wiki['pictures']['logo'];
$wgLogos = array_filter( [
	'1x' => $logo,
	'svg' => str_ends_with( $logo, '.svg' ) ? $logo : '',
	'icon' => $wiki['pictures']['icon'] ?: $logo,
] );
$wgFavicon = $wiki['pictures']['favicon'] ?: $wgFavicon;
// Metadata of pages for search engines and messengers. Adding more, such as a picture and a description, takes extensions.
$wgEnableCanonicalServerLink = true;
$wgSkinMetaTags = [ 'og:site_name', 'og:title', 'og:type' ];
foreach ( $wiki['extensions'] as $name ) {
	wfLoadExtension( $name );
}

// The migration collects the files that a page loads, see PreloadList.
if ( getenv( 'MEDIAWIKI_USED' ) ) {
	register_shutdown_function( static function () {
		file_put_contents( getenv( 'MEDIAWIKI_USED' ), implode( "\n", get_included_files() ) . "\n", FILE_APPEND );
	} );
}

// Log exceptions that readers see only as "internal error". For a failed query, log the database's message but not the SQL, which
// may contain user data.
$wgHooks['LogException'][] = static function ( $e ) {
	if ( !$e instanceof ErrorException ) { // PHP logs these itself
		$reason = $e instanceof Wikimedia\Rdbms\DBQueryError ? $e->error : $e->getMessage();
		error_log( get_class( $e ) . ": $reason ({$e->getFile()}:{$e->getLine()})" );
	}
};

// Names of namespaces from before a change of siteName or language continue to work in links, see Namespaces.
if ( is_file( '/tmp/namespaces.json' ) ) {
	$names = json_decode( file_get_contents( '/tmp/namespaces.json' ), true );
	$wgMetaNamespace = $names['project'] ?: $wgMetaNamespace;
	$wgNamespaceAliases += $names['aliases'];
}

// An import upgrades a dump in a temporary database, see DumpImport. Nothing of it may reach the caches of the running wiki.
if ( getenv( 'MEDIAWIKI_TEMPORARY_DATABASE' ) ) {
	$wgDBserver = 'localhost:' . getenv( 'MEDIAWIKI_TEMPORARY_DATABASE' );
	$wgDBname = 'wiki';
	$wgMainCacheType = $wgMessageCacheType = $wgParserCacheType = CACHE_NONE;
	$wgUseCdn = false;
}

$wgPingback = false;
unset( $wiki, $secret, $server, $slow, $name, $names, $logo, $lists );

// The migration fails if extra.php changes settings that other parts of the stack rely on.
if ( getenv( 'MEDIAWIKI_ROLE' ) === 'migration' ) {
	require_once __DIR__ . '/OwnedSettings.php';
	$mediawikiStackOwned = new OwnedSettings();
}
require __DIR__ . '/extra.php';
if ( isset( $mediawikiStackOwned ) ) {
	$mediawikiStackOwned->check();
}
