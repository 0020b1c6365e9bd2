<?php
declare( strict_types=1 );

class PackageCheckTest extends FolderTestCase {
	private function check( string $kind = 'extensions' ): PackageCheck {
		return new PackageCheck( "$this->folder/mediawiki", 'Soup', $kind );
	}

	private function reason( string $kind = 'extensions' ): string {
		return $this->failure( fn () => $this->check( $kind )->checkFiles( "$this->folder/soup" ) );
	}

	public function testNameOfABundledExtensionIsRefused(): void {
		$this->check()->checkName();
		$this->write( 'mediawiki/extensions/Soup/extension.json', '{}' );
		$reason = $this->failure( fn () => $this->check()->checkName() );
		$this->assertStringContainsString( 'the image has extensions/Soup already', $reason );
		$this->check( 'skins' )->checkName();
	}

	public function testFolderIsWhatTheSettingsSay(): void {
		mkdir( "$this->folder/soup" );
		$this->assertStringContainsString( 'it has no extension.json', $this->reason() );
		$this->write( 'soup/skin.json', '{}' );
		$this->assertSame( 'it has skin.json and no extension.json: name it in skins instead of extensions', $this->reason() );
		$this->check( 'skins' )->checkFiles( "$this->folder/soup" );
		$this->write( 'soup/extension.json', '{' );
		$this->assertStringContainsString( 'its extension.json is not valid JSON', $this->reason() );
		$this->write( 'soup/extension.json', '{}' );
		$this->assertStringContainsString( 'name it in extensions instead of skins', $this->failure( function () {
			unlink( "$this->folder/soup/skin.json" );
			$this->check( 'skins' )->checkFiles( "$this->folder/soup" );
		} ) );
	}

	public function testLibrariesAreInThePackageOrInMediaWiki(): void {
		$this->write( 'soup/extension.json', '{}' );
		$this->write( 'mediawiki/vendor/composer/installed.json', '{ "packages": [ { "name": "psr/log" } ] }' );
		$require = static fn ( string ...$names ) => json_encode( [ 'require' => array_fill_keys( $names, '*' ) ] );
		$this->write( 'soup/composer.json', $require( 'php', 'php-64bit', 'ext-mbstring', 'composer/installers', 'Psr/Log' ) );
		$this->check()->checkFiles( "$this->folder/soup" );
		$this->write( 'soup/composer.json', '{}' );
		$this->check()->checkFiles( "$this->folder/soup" );
		$this->write( 'soup/composer.json', $require( 'psr/log', 'onoi/cache', 'wikimedia/css-sanitizer' ) );
		$this->assertStringContainsString( 'requires onoi/cache, wikimedia/css-sanitizer, and neither', $this->reason() );
		$this->assertStringContainsString( 'composer update --no-dev', $this->reason() );
		$this->write( 'soup/vendor/autoload.php', '' );
		$this->check()->checkFiles( "$this->folder/soup" );
	}
}
