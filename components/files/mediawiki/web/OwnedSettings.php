<?php
declare( strict_types=1 );

/**
 * Settings that other parts of the stack rely on: web server, caches, backups, health checks. If extraSettings changed them, the
 * wiki would break in ways that nobody notices at first, so the migration refuses that.
 */
class OwnedSettings {
	private const NO_PATHS = 'the wiki is at the root of its address, and pages are below /wiki/';
	private const ON_VOLUME = 'uploads are on a volume, which the keys uploads.* describe';
	private const IN_DATABASE = 'the keys database.* say where the database is';

	/** What to do instead, by the name of the setting. */
	private const INSTEAD = [
		'wgServer' => 'set siteUrl',
		'wgCanonicalServer' => 'set siteUrl',
		'wgScriptPath' => self::NO_PATHS,
		'wgScript' => self::NO_PATHS,
		'wgArticlePath' => self::NO_PATHS,
		'wgUsePathInfo' => self::NO_PATHS,
		'wgDBserver' => 'set database.host and database.port',
		'wgDBname' => 'set database.name',
		'wgDBuser' => 'set database.user',
		'wgDBpassword' => 'set the secret databasePassword',
		'wgDBtype' => self::IN_DATABASE,
		'wgDBprefix' => self::IN_DATABASE,
		'wgDBservers' => self::IN_DATABASE,
		'wgLBFactoryConf' => self::IN_DATABASE,
		'wgUploadDirectory' => self::ON_VOLUME,
		'wgUploadPath' => self::ON_VOLUME,
		'wgDeletedDirectory' => self::ON_VOLUME,
		'wgReadOnly' => 'the migration cannot write either; set access, or take the right "edit" from a group in $wgGroupPermissions',
		'wgReadOnlyFile' => 'the migration creates and deletes this file; set access, or take the right "edit" from a group in '
			. '$wgGroupPermissions',
		'wgMainCacheType' => 'memcached serves all Pods; set objectCache.size',
		'wgSessionCacheType' => 'sessions are in the database, where all Pods find them',
		'wgMemCachedServers' => 'memcached serves all Pods; set objectCache.size',
		'wgUseCdn' => 'set cache.enabled',
		'wgCdnServers' => 'set cache.enabled and cache.replicas',
		'wgEventRelayerConfig' => 'it leads to the caches; set cache.enabled and cache.replicas',
		'wgSecretKey' => 'set the secret masterSecret',
		'wgUpgradeKey' => 'set the secret masterSecret',
		'wgCacheDirectory' => 'containers can write only to /tmp',
		'wgTmpDirectory' => 'containers can write only to /tmp',
	];

	private readonly array $values;

	/** Remembers the values that the settings have now. */
	public function __construct() {
		$this->values = array_intersect_key( $GLOBALS, self::INSTEAD );
	}

	/** Ends MediaWiki with the reasons if settings have other values now. */
	public function check(): void {
		$reasons = '';
		foreach ( self::INSTEAD as $name => $instead ) {
			if ( ( $GLOBALS[$name] ?? null ) !== ( $this->values[$name] ?? null ) ) {
				$reasons .= "\n  \$$name: $instead";
			}
		}
		if ( $reasons !== '' ) {
			$advice = 'remove these from extraSettings, because other parts of the wiki depend on them:';
			file_put_contents( 'php://stderr', "$advice$reasons\n" );
			http_response_code( 500 );
			exit( 1 );
		}
	}
}
